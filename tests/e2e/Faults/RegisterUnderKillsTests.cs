using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Mesh.VerifyRegister;
using Tarasol.Tests.E2e.Gateway;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.E2e.Faults;

/// <summary>Thousands of registrations at the same time, and processes that die meanwhile: the register in the end has each letter once, without a gap.</summary>
[Trait("Scale", "large")]
public sealed class RegisterUnderKillsTests(ITestOutputHelper output)
{
    private const int Connections = 250;
    private const int BlockSize = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly string[] Victims = ["numbering", "numbering", "sidecar", "sidecar", "correspondence", "directory", "identity", "tenant", "gateway"];

    [Fact]
    public async Task The_register_has_no_gap_and_no_duplicate_whoever_is_killed_while_thousands_register_at_once()
    {
        var letters = TestScale.Of(5000, 400);
        var kills = TestScale.Of(10, 4);
        var seed = Random.Shared.Next();
        output.WriteLine($"{letters} letters, {kills} kills, seed {seed}");
        var random = new Random(seed);
        await using var mesh = await MeshProcess.StartAsync();
        var organisation = await Organisation.MakeAsync(mesh, "acme");
        using var clerk = new Clerk(organisation);

        var registrations = Enumerable.Range(0, letters).Select(each => clerk.RegisterAsync($"Letter {each}")).ToList();
        var all = Task.WhenAll(registrations);
        for (var kill = 1; kill <= kills && !all.IsCompleted; kill++)
        {
            // In the middle of the work, at some place of it.
            var registered = clerk.Numbers.Count;
            var next = registered + random.Next(1, 2 * letters / (kills + 1));
            await mesh.UntilAsync(() => Task.FromResult(clerk.Numbers.Count >= next || all.IsCompleted), () => $"{next} letters, {clerk.Numbers.Count} there; {clerk.LastTrouble}");
            var victim = Victims[random.Next(Victims.Length)];
            output.WriteLine($"kill {kill}: {victim} after {clerk.Numbers.Count} letters");
            await mesh.KillAsync(victim);
            (await organisation.Admin.PersistAsync(HttpMethod.Post, "/api/numbering/blocks", new { series = "incoming", count = BlockSize, purpose = "paper", unitId = organisation.UnitId })).Is(HttpStatusCode.Created);
            await mesh.WaitHealthyAsync();
        }

        await all;
        Assert.Equal(letters, clerk.Numbers.Count);
        Assert.Equal(letters, clerk.Numbers.Values.Distinct().Count());
        await CheckAsync(mesh, clerk, organisation);
    }

    private static async Task CheckAsync(MeshProcess mesh, Clerk clerk, Organisation organisation)
    {
        var export = Path.Combine(mesh.DataPath, "register.jsonl");
        var (exitCode, said) = await MeshProcess.RunAsync(new Dictionary<string, string> { ["TARASOL_PASSWORD"] = Organisation.Password },
            "verify-register", "--tenant", organisation.Slug, "--user", "admin", "--port", mesh.Port.ToString(CultureInfo.InvariantCulture), "--save", export);
        Assert.True(exitCode == 0, said);
        var lines = await File.ReadAllLinesAsync(export);
        var report = RegisterCheck.Check(lines);
        Assert.Empty(report.Findings);
        var entries = lines.Skip(1).Select(line => JsonElement.Parse(line)).ToList();
        // Each letter with the number that its clerk was told, and no other.
        Assert.Equal(
            clerk.Numbers.Select(letter => $"{letter.Key} {letter.Value}").Order(StringComparer.Ordinal),
            entries.Where(entry => entry.GetProperty("kind").GetString() == "allocated").Select(entry => $"{entry.GetProperty("letterId")} {entry.GetProperty("referenceNumber")}").Order(StringComparer.Ordinal));
        var blocks = entries.Count(entry => entry.GetProperty("kind").GetString() == "reserved");
        var (_, last, voided, waiting) = report.Chains["incoming"].Periods.Single();
        Assert.Equal((clerk.Numbers.Count + BlockSize * blocks, 0, BlockSize * blocks), (last, voided, waiting));

        // And it can fail: the same register with one entry less.
        var at = lines.Length / 2;
        await File.WriteAllLinesAsync(export, lines.Where((_, index) => index != at));
        (exitCode, said) = await MeshProcess.RunAsync("verify-register", "--file", export);
        Assert.Equal(1, exitCode);
        Assert.Contains($"line {at + 1}, series", said, StringComparison.Ordinal);
    }

    /// <summary>Registers letters, each with its own Idempotency-Key, again and again until the gateway says that it is there.</summary>
    private sealed class Clerk(Organisation organisation) : IDisposable
    {
        private readonly HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = Connections })
        {
            BaseAddress = new($"http://127.0.0.1:{organisation.Mesh.Port}"), Timeout = Patience,
        };

        private readonly SemaphoreSlim signingIn = new(1, 1);

        public ConcurrentDictionary<string, string> Numbers { get; } = new();

        public string LastTrouble { get; private set; } = "";

        public async Task RegisterAsync(string subject)
        {
            await Task.Yield();
            var key = Guid.CreateVersion7().ToString();
            for (var watch = Stopwatch.StartNew(); !await TryAsync(subject, key);)
            {
                Assert.True(watch.Elapsed < Patience, $"{subject} is not registered within {Patience.TotalMinutes} minutes: {LastTrouble}");
                await Task.Delay(Pause);
            }
        }

        public void Dispose()
        {
            http.Dispose();
            signingIn.Dispose();
        }

        // One signs in for all.
        private async Task<string> TokenAsync()
        {
            await signingIn.WaitAsync();
            try
            {
                return await organisation.Clerk.TokenAsync();
            }
            finally
            {
                signingIn.Release();
            }
        }

        private async Task<bool> TryAsync(string subject, string key)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/correspondence/letters") { Content = JsonContent.Create(organisation.Letter(subject: subject)) };
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync());
                request.Headers.Add("Idempotency-Key", key);
                using var answer = await http.SendAsync(request);
                var text = await answer.Content.ReadAsStringAsync();
                if (answer.StatusCode == HttpStatusCode.Created)
                {
                    var letter = JsonElement.Parse(text);
                    Assert.True(Numbers.TryAdd(letter.GetProperty("id").GetString()!, letter.GetProperty("referenceNumber").GetString()!), "two letters have one id");
                    return true;
                }
                LastTrouble = $"{(int)answer.StatusCode} {text}";
                if (answer.StatusCode == HttpStatusCode.Unauthorized)
                    organisation.Clerk.ForgetToken();
                else
                    Assert.True(answer.StatusCode >= HttpStatusCode.InternalServerError, LastTrouble);
            }
            catch (Exception broken) when (broken is HttpRequestException or TaskCanceledException)
            {
                LastTrouble = broken.Message;
            }
            return false;
        }
    }
}
