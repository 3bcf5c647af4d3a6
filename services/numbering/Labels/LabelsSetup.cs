using Tarasol.Numbering.Calls;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Labels;

public static class LabelsSetup
{
    public static void AddLabels(this IServiceCollection services)
    {
        services.AddSingleton<LabelPainter>();
        services.AddServiceClient<SeenLetters>("correspondence");
    }

    public static void MapLabels(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/numbering/labels/{letterId:guid}", GetLabel.HandleAsync).WithTags("labels").RequirePermission(Permissions.PrintLabels)
            .Produces(StatusCodes.Status200OK, contentType: "image/png", additionalContentTypes: "application/pdf");
}
