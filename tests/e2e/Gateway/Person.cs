using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Tarasol.Tests.E2e.Gateway;

/// <summary>Someone who signs in at the gateway and calls it as any client does.</summary>
/// <param name="mesh">Whose gateway.</param>
/// <param name="tenant">Slug.</param>
/// <param name="userName">The account.</param>
/// <param name="password">Of the account.</param>
/// <param name="language">What the person asks to be answered in; null: says nothing of it.</param>
internal sealed class Person(MeshProcess mesh, string tenant, string userName, string password, string? language = null)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    // Tokens live ten minutes.
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private volatile Token? token;

    public string UserName => userName;

    /// <summary>Failures other than "does not answer at the moment" that <see cref="PersistAsync"/> met: a client has no way to know that it may try those again.</summary>
    public ConcurrentQueue<string> Odd { get; } = [];

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<Answer> PostAsync(string path, object body, string? key = null) => SendAsync(HttpMethod.Post, path, body, key);

    /// <summary>All items of a list, page by page.</summary>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string path)
    {
        var items = new List<JsonElement>();
        for (string? cursor = null; ;)
        {
            var page = (await PersistAsync(HttpMethod.Get, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=200{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}")).Is(HttpStatusCode.OK);
            items.AddRange(page.Items);
            cursor = page.Json.GetProperty("next").GetString();
            if (cursor is null)
                return items;
        }
    }

    /// <summary>Once; the body is JSON as the API has it.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body = null, string? key = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync());
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        if (language is not null)
            request.Headers.AcceptLanguage.ParseAdd(language);
        if (body is not null)
            request.Content = JsonContent.Create(body);
        return await Answer.ReadAsync(mesh.Gateway, request);
    }

    /// <summary>As a careful client does: with an Idempotency-Key, and again while nothing answers.</summary>
    public async Task<Answer> PersistAsync(HttpMethod method, string path, object? body = null)
    {
        var key = body is null ? null : Guid.CreateVersion7().ToString();
        for (var watch = Stopwatch.StartNew(); ;)
        {
            string trouble;
            try
            {
                var answer = await SendAsync(method, path, body, key);
                if (answer.Status == HttpStatusCode.Unauthorized)
                    token = null;
                else if (answer.Status < HttpStatusCode.InternalServerError)
                    return answer;
                trouble = $"{method} {path} as {userName}: {(int)answer.Status} {answer.Text}";
                // Who reads never sees that a service restarts.
                if (answer.Status != HttpStatusCode.ServiceUnavailable || method == HttpMethod.Get)
                    Odd.Enqueue(trouble);
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                trouble = $"{method} {path}: {exception.Message}";
            }

            Assert.True(watch.Elapsed < Limit, $"no answer within {Limit.TotalSeconds} s, the last was: {trouble}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Signs in anew at the next call.</summary>
    public void ForgetToken() => token = null;

    /// <summary>The access token, asked for when there is none yet.</summary>
    public async Task<string> TokenAsync()
    {
        if (token is { } known && Stopwatch.GetElapsedTime(known.At) < Fresh)
            return known.Text;
        var answer = await SignInAsync(mesh.Gateway, tenant, userName, password);
        if (answer.Status >= HttpStatusCode.InternalServerError)
            throw new HttpRequestException($"POST /connect/token answered {(int)answer.Status} {answer.Text}");
        token = new(answer.Is(HttpStatusCode.OK).Json.GetProperty("access_token").GetString()!, Stopwatch.GetTimestamp());
        return token.Text;
    }

    public static Task<Answer> SignInAsync(HttpClient http, string? tenant, string userName, string password) => AskTokenAsync(http, tenant, new()
    {
        ["grant_type"] = "password", ["client_id"] = "tarasol-cli", ["username"] = userName, ["password"] = password,
    });

    public static Task<Answer> AskTokenAsync(HttpClient http, string? tenant, Dictionary<string, string> form)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent(form) };
        if (tenant is not null)
            request.Headers.Add("X-Tenant", tenant);
        return Answer.ReadAsync(http, request);
    }

    private sealed record Token(string Text, long At);
}
