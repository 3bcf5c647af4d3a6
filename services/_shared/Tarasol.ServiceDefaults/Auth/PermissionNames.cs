using Microsoft.Extensions.DependencyInjection;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Auth;

/// <summary>A permission as people see it when they compose roles.</summary>
/// <param name="Permission">For example <c>service.thing.read</c>.</param>
/// <param name="Name">What it allows, in both languages.</param>
/// <param name="ByBranch">It can be given for a branch of the organisation only: the service looks at what each thing belongs to.</param>
/// <param name="PlatformOnly">Only the platform's own people can have it.</param>
public sealed record PermissionName(string Permission, Text Name, bool ByBranch = false, bool PlatformOnly = false);

/// <summary>The permissions that this service declares; identity asks for them.</summary>
public sealed record DeclaredPermissions(IReadOnlyList<PermissionName> All);

/// <summary>Declares permissions.</summary>
public static class PermissionsSetup
{
    /// <summary>Tells identity, when it asks, which permissions this service knows.</summary>
    public static IServiceCollection AddPermissions(this IServiceCollection services, IReadOnlyList<PermissionName> permissions) =>
        services.AddSingleton(new DeclaredPermissions(permissions));
}
