using System.Net;
using System.Text.Json;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tenants.Provisioning;

/// <summary>The first administrators' accounts, at identity.</summary>
internal sealed class AdminAccounts(HttpClient http)
{
    /// <summary>Adds to the errors what identity has against a name and password, under the fields of a tenant request.</summary>
    public async Task CheckAsync(string userName, string password, Errors errors, CancellationToken cancel)
    {
        using var answer = await PostAsync(PlatformTenant.Slug, "internal/users/check", userName, password, cancel);
        if (answer.StatusCode != HttpStatusCode.BadRequest)
        {
            answer.EnsureSuccessStatusCode();
            return;
        }
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
        foreach (var field in problem.RootElement.GetProperty("errors").EnumerateObject())
        {
            foreach (var message in field.Value.EnumerateArray())
                errors.Add(field.Name switch { "userName" => "adminUserName", "password" => "adminPassword", var other => other }, message.GetString()!);
        }
    }

    /// <summary>Makes the account in a tenant whose databases are there. Asking again changes nothing.</summary>
    public async Task CreateAsync(string slug, string userName, string password, CancellationToken cancel)
    {
        using var answer = await PostAsync(slug, $"internal/tenants/{slug}/first-admin", userName, password, cancel);
        await answer.EnsureDoneAsync("identity", cancel);
    }

    private async Task<HttpResponseMessage> PostAsync(string tenant, string path, string userName, string password, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(new { userName, password }) }.ForTenant(tenant);
        request.Headers.AcceptLanguage.ParseAdd(System.Globalization.CultureInfo.CurrentUICulture.TwoLetterISOLanguageName);
        return await http.SendAsync(request, cancel);
    }
}
