using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tarasol.Mesh.Demo;

/// <summary>
/// Calls the gateway as any client does, several calls at once if need be. While the mesh does not answer (no connection, 502, 503, 504) or asks to wait (429) a call is made
/// again, with the same Idempotency-Key if it changes something, and it says so; every other answer that was not expected ends the demo.
/// </summary>
internal sealed class GatewayClient(Uri gateway, Words words, CancellationToken deadline) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);
    private readonly HttpClient http = new() { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(30) };

    private int repeated;

    /// <summary>How many calls had to be made again.</summary>
    public int Repeated => repeated;

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

    /// <summary>An answer that is not JSON.</summary>
    public async Task<string> GetTextAsync(Account account, string path) => (await SendAsync(account, HttpMethod.Get, path, null, HttpStatusCode.OK)).Text;

    /// <summary>True: for this person there is no such thing.</summary>
    public async Task<bool> IsHiddenAsync(Account account, string path) =>
        (await SendAsync(account, HttpMethod.Get, path, null, HttpStatusCode.OK, HttpStatusCode.NotFound)).Status == HttpStatusCode.NotFound;

    public Task<Answer> PatchAsync(Account account, string path, object body) => SendAsync(account, HttpMethod.Patch, path, body, HttpStatusCode.OK);

    public Task<Answer> PostAsync(Account account, string path, object body, params HttpStatusCode[] expected) => SendAsync(account, HttpMethod.Post, path, body, expected);

    public void Dispose() => http.Dispose();

    private async Task<Answer> SendAsync(Account account, HttpMethod method, string path, object? body, params HttpStatusCode[] expected)
    {
        var key = Guid.CreateVersion7().ToString();
        string? refused = null;
        for (var attempt = 1; ; attempt++)
        {
            var token = await TokenAsync(account, refused);
            var answer = await TryAsync(() =>
            {
                var request = new HttpRequestMessage(method, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
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
            if (answer.Status == HttpStatusCode.Unauthorized && refused is null)
            {
                // A token lives ten minutes.
                refused = token;
                continue;
            }

            return expected.Contains(answer.Status) || (attempt > 1 && answer.Status == HttpStatusCode.Conflict)
                ? answer with { Attempts = attempt }
                : throw Unexpected(answer, method, path, expected);
        }
    }

    // Calls at the same time sign in once.
    private async Task<string> TokenAsync(Account account, string? refused)
    {
        await account.Gate.WaitAsync(deadline);
        try
        {
            return account.Token is { } known && known != refused ? known : account.Token = await LoginAsync(account);
        }
        finally
        {
            account.Gate.Release();
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
        var pause = Pause;
        try
        {
            using var request = make();
            using var response = await http.SendAsync(request, deadline);
            if (response.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout or HttpStatusCode.TooManyRequests))
            {
                var text = await response.Content.ReadAsStringAsync(deadline);
                return new Answer(response.StatusCode, Parse(text), text, attempt);
            }

            trouble = $"{(int)response.StatusCode}";
            pause = response.Headers.RetryAfter?.Delta ?? Pause;
        }
        catch (HttpRequestException exception)
        {
            trouble = exception.InnerException?.Message ?? exception.Message;
        }
        catch (TaskCanceledException) when (!deadline.IsCancellationRequested)
        {
            trouble = words.Of("no answer within {0} s", "لا جواب خلال {0} ث", http.Timeout.TotalSeconds);
        }

        Interlocked.Increment(ref repeated);
        if (attempt == 1)
            Screen.Warn(words.Of("{0}: {1}; trying again with the same Idempotency-Key", "{0}: {1}؛ تعاد المحاولة بالمفتاح Idempotency-Key نفسه", what, trouble));
        await Task.Delay(pause, deadline);
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
internal sealed class Account(string tenant, string userName, string password)
{
    public string Tenant => tenant;

    public string UserName => userName;

    public string Password => password;

    public string? Token { get; set; }

    /// <summary>Held by whoever signs in.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    public override string ToString() => userName;
}
