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
    public sealed record Person(string UserName);

    /// <summary>Null: the tenant has no such user, or the account is disabled.</summary>
    public async Task<Person?> FindAsync(string userName, CancellationToken cancel)
    {
        if (!UserNames.IsOne(userName))
            return null;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/users/by-name/{Uri.EscapeDataString(userName)}").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Person>(EventJson.Options, cancel);
    }
}
