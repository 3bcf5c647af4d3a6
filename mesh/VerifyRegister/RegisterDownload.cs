using System.Net.Http.Headers;
using System.Text.Json;

namespace Tarasol.Mesh.VerifyRegister;

/// <summary>Gets the export of a tenant's register from the gateway, as the given person.</summary>
internal sealed class RegisterDownload(Uri gateway, string tenant, string user, string password)
{
    private const string Variable = "TARASOL_PASSWORD";

    /// <summary>From a file, or from the environment: never from the command line, which others can read.</summary>
    public static string Password(string? file)
    {
        try
        {
            return file is not null ? File.ReadAllText(file).Trim()
                : Environment.GetEnvironmentVariable(Variable) ?? throw new MeshException($"no password: give --password-file, or set {Variable}");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new MeshException($"{file} cannot be read: {unreadable.Message}", unreadable);
        }
    }

    public async Task SaveAsync(string path, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = gateway, Timeout = TimeSpan.FromMinutes(10) };
        try
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await SignInAsync(http, cancellation));
            using var answer = await http.GetAsync(new Uri("/api/numbering/register/export", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!answer.IsSuccessStatusCode)
                throw new MeshException($"the register of {tenant} was not given: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellation)}");
            await using var file = File.Create(path);
            await answer.Content.CopyToAsync(file, cancellation);
        }
        catch (HttpRequestException exception)
        {
            throw new MeshException($"the gateway at {gateway} does not answer ({exception.InnerException?.Message ?? exception.Message})", exception);
        }
    }

    private async Task<string> SignInAsync(HttpClient http, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Headers = { { "X-Tenant", tenant } },
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = "password", ["client_id"] = "tarasol-cli", ["username"] = user, ["password"] = password }),
        };
        using var answer = await http.SendAsync(request, cancellation);
        var text = await answer.Content.ReadAsStringAsync(cancellation);
        if (!answer.IsSuccessStatusCode)
            throw new MeshException($"{user} of {tenant} cannot sign in: {(int)answer.StatusCode} {text}");
        using var json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("access_token").GetString()!;
    }
}
