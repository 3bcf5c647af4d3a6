using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Delegations.Calls;

/// <summary>The people of identity.</summary>
public sealed class PeopleOfTenant(HttpClient http, CurrentTenant tenant)
{
    /// <param name="UserName">As the account spells it, which is how tokens name the person.</param>
    /// <param name="Clearance">0 to 3.</param>
    public sealed record Person(string UserName, int Clearance);

    /// <summary>Null: the tenant has no such user, or the account is disabled.</summary>
    public async Task<Person?> FindAsync(string userName, CancellationToken cancel) =>
        UserNames.IsOne(userName) ? await http.FindAsync<Person>(tenant.Slug, $"internal/users/by-name/{Uri.EscapeDataString(userName)}", cancel) : null;
}
