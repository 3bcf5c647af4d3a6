using System.Net;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Calls;

/// <summary>The letters of correspondence. Throws ServiceAwayException when it does not answer.</summary>
public sealed class SeenLetters(HttpClient http, CurrentTenant tenant)
{
    /// <summary>Whether the person whose request this is may read the letter; false as well when there is none.</summary>
    public async Task<bool> MayReadAsync(Guid letterId, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"internal/letters/{letterId}").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return false;
        answer.EnsureSuccessStatusCode();
        return true;
    }
}
