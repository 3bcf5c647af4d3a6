using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Isolation;

namespace Tarasol.Tests.Integration.BadInput;

/// <summary>
/// Whatever is wrong with a request is told by the name of the field, in the language of the caller, and nothing of it is done. The routes and what may be in their bodies come from
/// the OpenAPI documents: a new route is tried without touching this test.
/// </summary>
[Collection(nameof(IsolationMesh))]
[Trait("Scale", "large")]
public sealed partial class BadInputTests(IsolationMesh mesh, ITestOutputHelper output)
{
    private const int AtOnce = 4;
    private static readonly string[] Languages = ["en", "ar"];

    [Fact]
    public async Task Each_field_of_each_body_is_named_when_it_is_wrong_and_nothing_is_kept()
    {
        var operations = mesh.Operations.Where(operation => operation.BodySchema is not null).ToList();
        Assert.True(operations.Count > 60, $"{operations.Count} operations");
        var sent = await NothingIsKeptAsync(operations, async (client, operation, wrong) =>
        {
            var count = 0;
            foreach (var body in WrongBody.Of(operation))
            {
                foreach (var language in Languages)
                {
                    using var request = Request(operation, language);
                    request.Content = new StringContent(body.Json, Encoding.UTF8, "application/json");
                    count++;
                    if (await WhyNotAsync(client, request, HttpStatusCode.BadRequest, "invalid-request", body.Field, language) is { } reason)
                        wrong.Add($"{operation.Name} {body.What} {body.Field}: {reason}");
                }
            }
            return count;
        });
        output.WriteLine($"{sent} requests to {operations.Count} operations");
    }

    [Fact]
    public async Task What_is_no_body_is_told_apart_from_a_wrong_one()
    {
        (string Json, string Media, HttpStatusCode Status, string Code, string? Field)[] bodies =
        [
            ("{", "application/json", HttpStatusCode.BadRequest, "malformed-json", null), ("", "application/json", HttpStatusCode.BadRequest, "malformed-json", null),
            ("null", "application/json", HttpStatusCode.BadRequest, "invalid-request", "$"), ("{}", "text/plain", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type", null),
        ];
        await NothingIsKeptAsync([.. mesh.Operations.Where(operation => operation.BodySchema is not null)], async (client, operation, wrong) =>
        {
            foreach (var body in bodies)
            {
                foreach (var language in Languages)
                {
                    using var request = Request(operation, language);
                    request.Content = new StringContent(body.Json, Encoding.UTF8, body.Media);
                    if (await WhyNotAsync(client, request, body.Status, body.Code, body.Field, language) is { } reason)
                        wrong.Add($"{operation.Name} {body.Media} {body.Json}: {reason}");
                }
            }
            return bodies.Length * Languages.Length;
        });
    }

    [Fact]
    public async Task A_query_and_a_key_that_cannot_be_read_are_named_and_a_path_that_cannot_be_is_not_there()
    {
        await NothingIsKeptAsync([.. mesh.Operations.Where(operation => operation.Path.StartsWith("/api/", StringComparison.Ordinal))], async (client, operation, wrong) =>
        {
            var count = 0;
            foreach (var language in Languages)
            {
                foreach (var (name, value) in operation.QuerySchemas.SelectMany(parameter => Wrong(parameter.Schema, parameter.Name).Select(value => (parameter.Name, value))))
                {
                    using var request = Request(operation, language, $"?{name}={value}");
                    Fill(request, operation);
                    if (await WhyNotAsync(client, request, HttpStatusCode.BadRequest, "invalid-request", name, language) is { } reason)
                        wrong.Add($"{operation.Name} ?{name}={value}: {reason}");
                    count++;
                }
                if (operation.TakesKey)
                {
                    using var request = Request(operation, language);
                    Fill(request, operation);
                    request.Headers.Add("Idempotency-Key", new string('k', 201));
                    if (await WhyNotAsync(client, request, HttpStatusCode.BadRequest, "invalid-request", "Idempotency-Key", language) is { } reason)
                        wrong.Add($"{operation.Name} with a long key: {reason}");
                    count++;
                }
                for (var at = 0; at < operation.Parameters.Count; at++)
                {
                    foreach (var value in operation.IsUuid(operation.Parameters[at]) ? ["no-uuid", "7"] : new[] { "a b", "' OR 1=1 --", "a\u0000b", new string('x', 500) })
                    {
                        using var request = new HttpRequestMessage(operation.Method, operation.With([.. operation.Parameters.Select((name, index) => index == at ? value : Any(operation, name))]));
                        request.Headers.AcceptLanguage.Add(new(language));
                        Fill(request, operation);
                        // U+0000 in a path is refused by Kestrel itself, before any code of a service.
                        if (value.Contains('\0', StringComparison.Ordinal))
                        {
                            using var refused = await client.SendAsync(request);
                            if (refused.StatusCode != HttpStatusCode.BadRequest)
                                wrong.Add($"{operation.Name} with U+0000 in {operation.Parameters[at]}: {(int)refused.StatusCode}");
                        }
                        else if (await WhyNotAsync(client, request, HttpStatusCode.NotFound, null, null, language) is { } reason)
                        {
                            wrong.Add($"{operation.Name} with {operation.Parameters[at]} {value}: {reason}");
                        }
                        count++;
                    }
                }
            }
            return count;
        });
    }

    private static IEnumerable<string> Wrong(JsonElement schema, string name) => name switch
    {
        "cursor" => ["!", "AAAA", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo", "%00"],
        "limit" => ["0", "201", "x", "-1", "1.5"],
        _ => (Operation.Types(schema).FirstOrDefault(type => type != "null"), schema.TryGetProperty("format", out var format) ? format.GetString() : null) switch
        {
            (_, "uuid") => ["x", "7"],
            (_, "date" or "date-time") => ["2026-02-30", "yesterday"],
            ("boolean", _) => ["perhaps"],
            ("integer" or "number", _) => ["x", "1.5"],
            _ => ["%00"],
        },
    };

    /// <summary>Runs something with each operation, several at a time, and fails with all that was wrong; the tenant must be as it was.</summary>
    private async Task<int> NothingIsKeptAsync(IReadOnlyList<Operation> operations, Func<HttpClient, Operation, ConcurrentBag<string>, Task<int>> run)
    {
        // Signing in writes too.
        var (mine, operators) = (await mesh.Mine.Tenant.AdminTokenAsync(), await mesh.OperatorTokenAsync());
        var before = (await mesh.QuietAsync(mesh.Mine.Slug), await mesh.QuietAsync("platform"));
        var (wrong, sent) = (new ConcurrentBag<string>(), 0);
        await Parallel.ForEachAsync(operations, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (operation, _) =>
        {
            using var client = mesh.Client(operation.AppId, operation.AppId == "tenant" ? operators : mine);
            Interlocked.Add(ref sent, await run(client, operation, wrong));
        });
        Assert.True(wrong.IsEmpty, $"{wrong.Count} of {sent}:\n{string.Join("\n", wrong.Order(StringComparer.Ordinal))}");
        Assert.Equal(before.Item1, await mesh.DigestAsync(mesh.Mine.Slug));
        Assert.Equal(before.Item2, await mesh.DigestAsync("platform"));
        return sent;
    }

    private static HttpRequestMessage Request(Operation operation, string language, string query = "")
    {
        // Of things that are not there: what is wrong with the body is told before.
        var request = new HttpRequestMessage(operation.Method, operation.With([.. operation.Parameters.Select(name => Any(operation, name))]) + query);
        request.Headers.AcceptLanguage.Add(new(language));
        return request;
    }

    private static string Any(Operation operation, string parameter) => operation.IsUuid(parameter) ? Guid.CreateVersion7().ToString() : "nobody-here";

    // A body that is right.
    private static void Fill(HttpRequestMessage request, Operation operation)
    {
        if (operation.BodySchema is not null)
            request.Content = new StringContent(operation.Body(Guid.CreateVersion7().ToString(), $"w{Guid.NewGuid():N}"[..20])!.Value.GetRawText(), Encoding.UTF8, "application/json");
    }

    /// <summary>Null: it is answered as it should be.</summary>
    private static async Task<string?> WhyNotAsync(HttpClient client, HttpRequestMessage request, HttpStatusCode status, string? code, string? field, string language)
    {
        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode != status || answer.Content.Headers.ContentType?.MediaType != "application/problem+json")
            return $"{(int)answer.StatusCode} {text}";
        var problem = JsonElement.Parse(text);
        var said = new List<string> { problem.Text("title")! };
        var named = new List<string>();
        if (problem.TryGetProperty("errors", out var errors))
        {
            named.AddRange(errors.EnumerateObject().Select(error => error.Name));
            said.AddRange(errors.EnumerateObject().SelectMany(error => error.Value.EnumerateArray()).Select(message => message.GetString()!));
        }
        if (code is not null && problem.Text("code") != code || !problem.TryGetProperty("code", out _) || !named.SequenceEqual(field is null ? [] : [field]))
            return text;
        return said.TrueForAll(message => Arabic().IsMatch(message) == (language == "ar")) ? null : $"not in {language}: {text}";
    }

    [GeneratedRegex(@"\p{IsArabic}")]
    private static partial Regex Arabic();
}
