using Dapr.Actors.Runtime;
using Tarasol.Numbering.Data;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Hosting;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Numbering.Numbers;

public static class NumbersSetup
{
    public static void AddNumbers(this WebApplicationBuilder builder)
    {
        var sidecar = SidecarAddress.From(builder.Configuration);
        builder.Services.AddSingleton<Allocator>();
        builder.Services.AddScoped<ITenantSeed, DefaultSeries>();
        builder.Services.AddActors(actors =>
        {
            actors.Actors.RegisterActor<SeriesActor>();
            actors.HttpEndpoint = sidecar.Http.ToString().TrimEnd('/');
            actors.DaprApiToken = sidecar.ApiToken;
            TarasolService.Configure(actors.JsonSerializerOptions);
        });
    }

    public static void MapNumbers(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/internal/numbers", AllocateNumber.HandleAsync).RequireService();
        // Only the own sidecar reaches these (app token); an actor finds its tenant in its id.
        routes.MapActorsHandlers().AllowAnonymous().WithMetadata(new AnyTenant());
    }
}
