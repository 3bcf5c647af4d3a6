using System.Net;
using System.Net.Http.Json;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Tasks.Calls;

/// <summary>The accounts of identity. Throws ServiceAwayException when it does not answer.</summary>
public sealed class Accounts(HttpClient http, CurrentTenant tenant)
{
    public sealed record Account(string UserName, int Clearance, Guid? UnitId, IReadOnlyList<string> Roles);

    public sealed record Member(string UserName, int Clearance, IReadOnlyList<string> Roles);

    /// <summary>Null: the tenant has no such user, or they are disabled.</summary>
    public async Task<Account?> FindAsync(string userName, CancellationToken cancel)
    {
        if (!UserNames.IsOne(userName))
            return null;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/users/by-name/{Uri.EscapeDataString(userName)}").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Account>(EventJson.Options, cancel);
    }

    /// <summary>Who works in a unit.</summary>
    public async Task<IReadOnlyList<Member>> OfUnitAsync(Guid unitId, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/users/of-unit/{unitId}").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<List<Member>>(EventJson.Options, cancel) ?? [];
    }
}
