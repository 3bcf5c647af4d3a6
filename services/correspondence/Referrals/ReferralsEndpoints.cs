using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Referrals;

public static class ReferralsEndpoints
{
    public static void AddReferrals(this IServiceCollection services)
    {
        services.AddScoped<MyReferrals>();
        services.AddScoped<MoveReferral>();
        services.AddTenantSweep<FollowReferrals>();
    }

    public static void MapReferrals(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/correspondence/letters/{id:guid}/referrals", ReferLetter.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters).WithTags("referrals");
        var referrals = routes.MapGroup("/api/correspondence/referrals").WithTags("referrals");
        referrals.MapGet("", ListReferrals.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        referrals.MapGet("{id:guid}", ReadReferral.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        referrals.MapPost("{id:guid}/seen", SeeReferral.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        referrals.MapPost("{id:guid}/accept", AcceptReferral.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        referrals.MapPost("{id:guid}/decline", DeclineReferral.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        referrals.MapPost("{id:guid}/answer", AnswerReferral.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        referrals.MapPost("{id:guid}/recall", RecallReferral.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
        referrals.MapPost("{id:guid}/close", CloseReferral.HandleAsync).RequirePermissionByBranch(Permissions.ReadLetters);
    }
}
