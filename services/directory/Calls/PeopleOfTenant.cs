using System.Net;
using System.Net.Http.Json;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Directories.Calls;

/// <summary>The people of identity. Throws ServiceAwayException when it does not answer.</summary>
public sealed class PeopleOfTenant(HttpClient http, CurrentTenant tenant)
{
    /// <param name="UserName">As the account spells it, which is how tokens name the person.</param>
    /// <param name="Clearance">0 to 3.</param>
    public sealed record Person(string UserName, int Clearance = 0);

    public sealed record Member(string UserName, int Clearance, IReadOnlyList<string> Roles);

    /// <summary>Null: the tenant has no such user, or the account is disabled.</summary>
    public async Task<Person?> FindAsync(string userName, CancellationToken cancel)
    {
        if (!UserNames.IsOne(userName))
            return null;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/users/by-name/{Uri.EscapeDataString(userName)}").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Person>(EventJson.Options, cancel);
    }

    /// <summary>Whose account says that they work in the unit.</summary>
    public async Task<IReadOnlyList<Member>> OfUnitAsync(Guid unitId, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/users/of-unit/{unitId}").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<Member>>(EventJson.Options, cancel) ?? [];
    }
}
