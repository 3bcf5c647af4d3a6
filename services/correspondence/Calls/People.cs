using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Calls;

/// <summary>The people of identity.</summary>
public sealed class People(HttpClient http, CurrentTenant tenant)
{
    /// <param name="UserName">As the account spells it, which is how tokens name the person.</param>
    /// <param name="Clearance">0 to 3.</param>
    public sealed record Person(string UserName, int Clearance);

    public sealed record Member(string UserName, int Clearance, IReadOnlyList<string> Roles);

    /// <summary>Null: the tenant has no such user.</summary>
    public async Task<Person?> FindAsync(string userName, CancellationToken cancel) =>
        UserNames.IsOne(userName) ? await http.FindAsync<Person>(tenant.Slug, $"internal/users/by-name/{Uri.EscapeDataString(userName)}", cancel) : null;

    /// <summary>Who works in a unit; empty when nobody does or there is no such unit.</summary>
    public async Task<IReadOnlyList<Member>> OfUnitAsync(Guid unitId, CancellationToken cancel) =>
        await http.FindAsync<List<Member>>(tenant.Slug, $"internal/users/of-unit/{unitId}", cancel) ?? [];
}
