using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tarasol.Mesh;
using Tarasol.Tests.E2e.Api;
using Tarasol.Tests.E2e.Gateway;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.E2e.Security;

/// <summary>
/// Generated requests at every public operation, by every kind of user and by nobody: 20,000 with CI=true, a tenth of that elsewhere. TARASOL_FUZZ_SEED repeats a run.
/// </summary>
[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed partial class FuzzTests(SharedMesh shared, ITestOutputHelper output)
{
    private static readonly int Requests = TestScale.Of(20_000, 2_000);
    private const int Clients = 6;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("TARASOL_FUZZ_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();

    [Fact]
    public async Task No_request_gets_a_500_or_a_look_inside_and_no_secret_gets_into_a_log()
    {
        output.WriteLine($"TARASOL_FUZZ_SEED={Seed}");
        var mesh = shared.Mesh;
        var organisation = await Organisation.MakeAsync(mesh, "fuzz");
        var letter = (await organisation.Clerk.PostAsync("/api/correspondence/letters", organisation.Letter())).Is(HttpStatusCode.Created).Json.GetProperty("id").GetString()!;
        // Accounts that requests may change and remove; those of the people who ask must stay.
        var targets = new List<string>();
        foreach (var userName in new[] { "target1", "target2", "target3" })
        {
            var user = new { userName, password = Organisation.Password, displayNameAr = userName, displayNameEn = userName, roles = new[] { "handler" }, clearance = 1 };
            targets.Add((await organisation.Admin.PostAsync("/api/identity/users", user)).Is(HttpStatusCode.Created).Json.GetProperty("id").GetString()!);
        }

        // A service that makes its document for the first time may be later with it than the gateway waits.
        var document = JsonElement.Parse("{}");
        await mesh.UntilAsync(async () =>
        {
            document = JsonElement.Parse(await mesh.Gateway.GetStringAsync(new Uri("/openapi.json", UriKind.Relative)));
            return !document.TryGetProperty("x-missing-services", out _);
        }, "every service to give its document");
        var fuzzer = new RequestFuzzer(document, [letter, organisation.UnitId, .. targets, shared.LetterId], ["clerk", "head", "admin", "registry-clerk", "incoming", "open", "approve", "REG", "fuzz", "normal", "ar"]);
        Person[] people = [organisation.Clerk, organisation.Head, organisation.Signatory, organisation.Auditor, organisation.Admin];
        var (bad, statuses) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<int, int>());
        var next = 0;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            for (int number; (number = Interlocked.Increment(ref next)) <= Requests && bad.IsEmpty;)
            {
                var random = new Random(unchecked((Seed * 31) + number));
                var request = fuzzer.Next(random);
                var what = $"{number}: {request.Method} {request.RequestUri}";
                var signedIn = false;
                if (random.Next(10) != 0 && await TokenAsync(people[number % people.Length]) is { } token)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                    signedIn = true;
                }

                var answer = await Answer.ReadAsync(mesh.Gateway, request);
                // Requests of the fuzz end sessions too.
                if (answer.Status == HttpStatusCode.Unauthorized && signedIn)
                    people[number % people.Length].ForgetToken();
                statuses.AddOrUpdate((int)answer.Status, 1, (_, count) => count + 1);
                if ((int)answer.Status >= 500 || Inside().IsMatch(answer.Text))
                    bad.Enqueue($"{what} answered {(int)answer.Status} {answer.Text}");
            }
        }));

        output.WriteLine($"{fuzzer.Operations} operations: {string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Key} x {status.Value}"))}");
        Assert.True(bad.IsEmpty, string.Join('\n', bad.SelectMany(each => LogOf(mesh, each).Prepend(each))));
        Assert.True(statuses.GetValueOrDefault(200) + statuses.GetValueOrDefault(201) > Requests / 100, "hardly any request was a good one");
        Assert.Empty(SecretsInLogs(mesh));
    }

    // The account itself may be gone by a request of the fuzz.
    private static async Task<string?> TokenAsync(Person person)
    {
        try
        {
            return await person.TokenAsync();
        }
        catch (Xunit.Sdk.XunitException)
        {
            return null;
        }
    }

    /// <summary>What the services said of a request, by its trace id.</summary>
    private static IEnumerable<string> LogOf(MeshProcess mesh, string answer) => TraceId().Match(answer) is { Success: true } trace
        ? ServiceLogs.Lines(mesh).Select(log => log.Line).Where(line => line.Contains(trace.Groups[1].Value, StringComparison.Ordinal)) : [];

    private static List<string> SecretsInLogs(MeshProcess mesh)
    {
        var data = new DataFolder(mesh.DataPath);
        var secrets = JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(data.Secrets))!.Values
            // Addresses of servers are there too.
            .Where(secret => secret.Length >= 20).Append(Organisation.Password).ToList();
        return [.. ServiceLogs.Lines(mesh).Where(log => secrets.Any(secret => log.Line.Contains(secret, StringComparison.Ordinal)) || Token().IsMatch(log.Line)).Select(log => $"{log.File}: {log.Line}")];
    }

    // Frames of a stack, names of exceptions, statements of a database.
    [GeneratedRegex(@"\bat (Tarasol|System|Microsoft)\.|\b[A-Z][A-Za-z]+Exception\b|\bSELECT .+ FROM |SQLite Error|/services/")]
    private static partial Regex Inside();

    [GeneratedRegex("\"traceId\":\"([0-9a-f]{32})\"")]
    private static partial Regex TraceId();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.")]
    private static partial Regex Token();
}
