using Tarasol.Contracts.Admin;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters.Links;
using Tarasol.Correspondence.LetterTypes;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Letters;

public static class LettersEndpoints
{
    public static void AddLetters(this IServiceCollection services)
    {
        services.AddScoped<FinishRegistration>();
        services.AddScoped<PublishedSettings>();
        services.AddScoped<VisibleLetters>();
        services.AddTenantSweep<UnfinishedRegistrations>();
    }

    public static void MapLetters(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/api/correspondence/letters").WithTags("letters");
        letters.MapPost("", RegisterLetter.HandleAsync).RequirePermissionByBranch(Permissions.RegisterLetter);
        letters.MapGet("", ListLetters.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        letters.MapGet("{id:guid}", ReadLetter.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        letters.MapGet("counts", CountLetters.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        letters.MapPatch("{id:guid}", ChangeLetter.HandleAsync).RequirePermissionByBranch(Permissions.RegisterLetter);
        letters.MapGet("{id:guid}/links", ListLinks.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        letters.MapPost("{id:guid}/links", AddLink.HandleAsync).RequirePermissionByBranch(Permissions.RegisterLetter);
        letters.MapDelete("{id:guid}/links/{linkId:guid}", RemoveLink.HandleAsync).RequirePermissionByBranch(Permissions.RegisterLetter);
        letters.MapGet("{id:guid}/timeline", ListTimeline.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        routes.MapGet("/internal/letters/{id:guid}", FindReadableLetter.HandleAsync).RequireService();
        routes.MapEvent<LetterTypePublished, KeepLetterType, CorrespondenceDbContext>();
        routes.MapEvent<ClassificationPublished, KeepClassification, CorrespondenceDbContext>();
    }
}
