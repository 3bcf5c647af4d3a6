using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.ServiceDefaults.Hosting;
using Tarasol.ServiceDefaults.Problems;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Transforms;

namespace Tarasol.Gateway.Proxy;

/// <summary>The reverse proxy in front of the sidecar's invoke API.</summary>
internal static class ProxySetup
{
    public static void AddProxy(this WebApplicationBuilder builder)
    {
        builder.Configuration.AddJsonFile(Path.Combine(AppContext.BaseDirectory, "routes.json"), optional: false);
        var sidecar = SidecarAddress.From(builder.Configuration);
        // A trace begins here: what a client says of it must not get into ours.
        builder.Services.AddSingleton<DistributedContextPropagator>(new OutgoingPropagator());
        builder.Services.AddSingleton<ServiceCircuits>();
        builder.Services.AddReverseProxy()
            .LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"))
            .AddConfigFilter<SidecarDestinations>()
            .AddTransforms(transforms =>
            {
                transforms.AddXForwarded(ForwardedTransformActions.Set);
                if (sidecar.ApiToken is { } token)
                    transforms.AddRequestHeader("dapr-api-token", token, append: false);
                transforms.AddResponseTransform(ProxyErrors.FindSidecarErrorAsync);
            });
    }

    public static void MapProxy(this WebApplication app)
    {
        app.MapReverseProxy(proxy =>
        {
            proxy.UseMiddleware<TenantHeader>();
            proxy.UseMiddleware<ClientHeaders>();
            proxy.UseMiddleware<ProxyErrors>();
            proxy.UseMiddleware<SafeRetries>();
        });
        // The fallback below would take the place of 405.
        foreach (var match in app.Services.GetRequiredService<IProxyConfigProvider>().GetConfig().Routes.Select(route => route.Match).Where(match => match.Methods is not null))
            app.Map(match.Path!, (HttpResponse response) => Refuse(response, match.Methods!)).AllowAnonymous().WithOrder(1);
        // A known answer for every other path, with or without a token.
        app.MapFallback("{**path}", () => CommonProblems.NotFound.Result()).AllowAnonymous();
    }

    private static ProblemHttpResult Refuse(HttpResponse response, IReadOnlyList<string> allowed)
    {
        response.Headers.Allow = string.Join(", ", allowed);
        return CommonProblems.MethodNotAllowed.Result();
    }
}
