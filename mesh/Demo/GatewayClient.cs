using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tarasol.Mesh.Demo;

/// <summary>
/// Calls the gateway as any client does. While the mesh does not answer (no connection, 502, 503, 504) a call is made again, with the same Idempotency-Key
/// if it changes something, and it says so; every other answer that was not expected ends the demo.
/// </summary>
internal sealed class GatewayClient(Uri gateway, Words words, CancellationToken deadline) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);
    private readonly HttpClient http = new() { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>How many calls had to be made again.</summary>
    public int Repeated { get; private set; }

    /// <summary>Waits until the gateway says that everything is up. Throws <see cref="MeshException"/> when nothing answers at all.</summary>
    public async Task WaitHealthyAsync()
    {
        try
        {
            while (true)
            {
                using var answer = await http.GetAsync(new Uri("/healthz", UriKind.Relative), deadline);
                if (answer.IsSuccessStatusCode)
                    return;
                await Task.Delay(Pause, deadline);
            }
        }
        catch (HttpRequestException exception)
        {
            throw new MeshException(words.Of("no gateway at {0} ({1}): start the mesh with `up` first", "لا بوابة عند {0} ({1}): شغّل الشبكة أولا بالأمر up",
                http.BaseAddress, exception.InnerException?.Message ?? exception.Message), exception);
        }
    }

    public async Task<JsonElement> GetAsync(Account account, string path) => (await SendAsync(account, HttpMethod.Get, path, null, HttpStatusCode.OK)).Body;

    public Task<Answer> PostAsync(Account account, string path, object body, params HttpStatusCode[] expected) => SendAsync(account, HttpMethod.Post, path, body, expected);

    public void Dispose() => http.Dispose();

    private async Task<Answer> SendAsync(Account account, HttpMethod method, string path, object? body, params HttpStatusCode[] expected)
    {
        var key = Guid.CreateVersion7().ToString();
        var renewed = false;
        for (var attempt = 1; ; attempt++)
        {
            if (account.Token is null)
                account.Token = await LoginAsync(account);
            var answer = await TryAsync(() =>
            {
                var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", account.Token) } };
                request.Headers.AcceptLanguage.ParseAdd(words.Arabic ? "ar" : "en");
                if (body is not null)
                {
                    request.Headers.Add("Idempotency-Key", key);
                    request.Content = JsonContent.Create(body, options: MeshJson.Options);
                }

                return request;
            }, $"{method} {path}", attempt);
            if (answer is null)
                continue;
            if (answer.Status == HttpStatusCode.Unauthorized && !renewed)
            {
                // A token lives ten minutes.
                (account.Token, renewed) = (null, true);
                continue;
            }

            return expected.Contains(answer.Status) || (attempt > 1 && answer.Status == HttpStatusCode.Conflict)
                ? answer with { Attempts = attempt }
                : throw Unexpected(answer, method, path, expected);
        }
    }

    private async Task<string> LoginAsync(Account account)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await TryAsync(() => new HttpRequestMessage(HttpMethod.Post, "/connect/token")
            {
                Headers = { { "X-Tenant", account.Tenant } },
                Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["grant_type"] = "password",
                    ["client_id"] = "tarasol-cli",
                    ["username"] = account.UserName,
                    ["password"] = account.Password,
                }),
            }, $"POST /connect/token ({account.UserName})", attempt);
            if (answer is null)
                continue;
            return answer.Status == HttpStatusCode.OK
                ? answer.Body.GetProperty("access_token").GetString()!
                : throw Unexpected(answer, HttpMethod.Post, $"/connect/token ({account.UserName}@{account.Tenant})", [HttpStatusCode.OK]);
        }
    }

    /// <summary>Null: the mesh did not answer, and the pause before the next try is over.</summary>
    private async Task<Answer?> TryAsync(Func<HttpRequestMessage> make, string what, int attempt)
    {
        string trouble;
        try
        {
            using var request = make();
            using var response = await http.SendAsync(request, deadline);
            if (response.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
            {
                var text = await response.Content.ReadAsStringAsync(deadline);
                return new Answer(response.StatusCode, Parse(text), text, attempt);
            }

            trouble = $"{(int)response.StatusCode}";
        }
        catch (HttpRequestException exception)
        {
            trouble = exception.InnerException?.Message ?? exception.Message;
        }
        catch (TaskCanceledException) when (!deadline.IsCancellationRequested)
        {
            trouble = words.Of("no answer within {0} s", "لا جواب خلال {0} ث", http.Timeout.TotalSeconds);
        }

        Repeated++;
        if (attempt == 1)
            Screen.Warn(words.Of("{0}: {1}; trying again with the same Idempotency-Key", "{0}: {1}؛ تعاد المحاولة بالمفتاح Idempotency-Key نفسه", what, trouble));
        await Task.Delay(Pause, deadline);
        return null;
    }

    private static JsonElement Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private MeshException Unexpected(Answer answer, HttpMethod method, string path, HttpStatusCode[] expected) => new(words.Of(
        "{0} {1} answered {2}, not {3}: {4}", "{0} {1}: كان الجواب {2} بدلا من {3}: {4}",
        method, path, (int)answer.Status, string.Join(", ", expected.Select(code => (int)code)), answer.Text.Length > 0 ? answer.Text : "(empty)"));
}

/// <param name="Attempts">More than 1: an earlier try may have been carried out although its answer was lost.</param>
internal sealed record Answer(HttpStatusCode Status, JsonElement Body, string Text, int Attempts);

/// <summary>Someone who signs in. The token is asked for at the first call.</summary>
internal sealed record Account(string Tenant, string UserName, string Password)
{
    public string? Token { get; set; }
}
