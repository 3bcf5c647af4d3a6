using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Administration.Grades;

public static class GradeNamesEndpoints
{
    public static void MapGradeNames(this IEndpointRouteBuilder routes)
    {
        var names = routes.MapGroup("/api/admin/grade-names").WithTags("grade-names");
        names.MapGet("", ReadGradeNames.HandleAsync).RequirePermission(Permissions.ReadSettings);
        names.MapPut("draft", ChangeGradeNamesDraft.HandleAsync).RequirePermission(Permissions.ManageSettings);
        names.MapDelete("draft", ChangeGradeNamesDraft.DiscardAsync).RequirePermission(Permissions.ManageSettings);
        names.MapPost("publication", PublishGradeNames.HandleAsync).RequirePermission(Permissions.ManageSettings);
    }
}
