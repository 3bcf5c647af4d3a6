using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using HdrHistogram;
using Microsoft.AspNetCore.Identity;
using Tarasol.Tests.Load.Tenants;

namespace Tarasol.Tests.Load.SignIn;

/// <summary>
/// How many people can sign in and refresh, with passwords hashed as the library does it; and what an honest tenant feels while another one asks ten times as much as it may.
/// </summary>
internal static class SignInLoad
{
    private const string Password = "Korrekt-9-Pferd";
    private const int Users = 16;
    private const int HashRounds = 20;
    private const int NoisyPerMinute = 600;
    private const int TimesTheLimit = 10;
    private const int HonestPerSecond = 20;
    private const int Rounds = 4;

    // All of them come from one address here; the limits of addresses are not what is measured.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["RateLimit__SignIn__Burst"] = "100000", ["RateLimit__SignIn__PerSecond"] = "100000", ["RateLimit__Anonymous__Burst"] = "100000", ["RateLimit__Anonymous__PerSecond"] = "100000",
    };

    public static async Task RunAsync(int seconds, CancellationToken cancel)
    {
        Report.Progress("signin: starting a mesh");
        await using var mesh = await MeshUnderLoad.StartAsync(Settings, cancel);
        using var operators = await mesh.OperatorAsync(cancel);
        var (honest, noisy) = ($"honest-{Guid.NewGuid():N}"[..16], $"noisy-{Guid.NewGuid():N}"[..16]);
        var making = new List<TimeSpan>();
        foreach (var slug in new[] { honest, noisy })
            making.Add(await MakeAsync(mesh, operators, slug, cancel));

        Report.Title("Sign-in and refresh", "what", "clients", "per second", "p50 ms", "p99 ms", "load average");
        var hash = HashMilliseconds();
        Report.Row("one password checked, without anything around it (one core)", "1", Report.Number(1000 / hash, "0.0"), Report.Number(hash, "0"), "", Report.LoadAverage());
        Report.Row("a tenant from request to active (SQLite)", "1", "", Report.Number(making.Average(each => each.TotalMilliseconds)), "", Report.LoadAverage());
        foreach (var clients in new[] { 1, 8 })
        {
            Report.Progress($"signin: {clients} clients");
            using var http = new HttpClient { BaseAddress = mesh.Gateway };
            Row("sign-in", clients, await ClosedLoop.RunAsync(clients, seconds, async (client, stop) => await TokenAsync(http, honest, SignIn($"user{client}"), stop), cancel));
            var tokens = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => TokenAsync(http, honest, SignIn($"user{client}"), cancel)));
            Row("refresh", clients, await ClosedLoop.RunAsync(clients, seconds, async (client, stop) => tokens[client] = await TokenAsync(http, honest, Refresh(tokens[client]), stop), cancel));
        }
        await NeighboursAsync(mesh, operators, honest, noisy, seconds, cancel);
    }

    // In turns, so that what else the machine does falls on both.
    private static async Task NeighboursAsync(MeshUnderLoad mesh, HttpClient operators, string honest, string noisy, int seconds, CancellationToken cancel)
    {
        using var limited = await operators.PatchAsJsonAsync($"api/tenant/tenants/{noisy}", new { limits = new { requestsPerMinute = NoisyPerMinute } }, cancel);
        limited.EnsureSuccessStatusCode();
        using var calm = await mesh.SignInAsync(honest, "admin", Password, cancel);
        using var loud = await mesh.SignInAsync(noisy, "admin", Password, cancel);
        await LimitedAsync(loud, cancel);
        var (alone, beside, refused) = (ClosedLoop.NewHistogram(), ClosedLoop.NewHistogram(), ClosedLoop.NewHistogram());
        await AskAsync(calm, HonestPerSecond, seconds, ClosedLoop.NewHistogram(), cancel);
        long asked = 0, tooMany = 0, others = 0;
        for (var round = 0; round < Rounds; round++)
        {
            Report.Progress($"signin: neighbours, round {round + 1} of {Rounds}");
            others += (await AskAsync(calm, HonestPerSecond, seconds, alone, cancel)).Count(answer => answer != HttpStatusCode.OK);
            var noise = AskAsync(loud, TimesTheLimit * NoisyPerMinute / 60, seconds, refused, cancel);
            others += (await AskAsync(calm, HonestPerSecond, seconds, beside, cancel)).Count(answer => answer != HttpStatusCode.OK);
            var answers = await noise;
            (asked, tooMany) = (asked + answers.Count, tooMany + answers.Count(answer => answer == HttpStatusCode.TooManyRequests));
        }

        Report.Title($"An honest tenant ({HonestPerSecond} requests a second) while another one asks {TimesTheLimit} times its limit of {NoisyPerMinute} a minute", "what", "p50 ms", "p99 ms");
        Report.Row("honest, alone", Milliseconds(alone, 50), Milliseconds(alone, 99));
        Report.Row("honest, beside the other", Milliseconds(beside, 50), Milliseconds(beside, 99));
        Report.Row("ratio", Ratio(50), Ratio(99));
        Report.Row("answers of the other", Milliseconds(refused, 50), Milliseconds(refused, 99));
        Console.WriteLine($"\nOf {asked} requests of the other {tooMany} got 429; of the honest one's {others} were not 200. Load average {Report.LoadAverage()}.");

        string Ratio(double percentile) => Report.Number((double)beside.GetValueAtPercentile(percentile) / alone.GetValueAtPercentile(percentile), "0.00");
    }

    // An open loop: the next request does not wait for the answer before, and the time that it had to wait counts.
    private static async Task<List<HttpStatusCode>> AskAsync(HttpClient client, int perSecond, int seconds, LongHistogram latencies, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var answers = new List<Task<HttpStatusCode>>();
        for (var number = 0; number < perSecond * seconds; number++)
        {
            var due = TimeSpan.FromSeconds((double)number / perSecond);
            if (due - clock.Elapsed is { Ticks: > 0 } wait)
                await Task.Delay(wait, cancel);
            answers.Add(OnceAsync(due));
        }
        return [.. await Task.WhenAll(answers)];

        async Task<HttpStatusCode> OnceAsync(TimeSpan due)
        {
            using var answer = await client.GetAsync(new Uri("api/directory/units", UriKind.Relative), cancel);
            lock (latencies)
                ClosedLoop.Record(latencies, clock.Elapsed - due);
            return answer.StatusCode;
        }
    }

    // The gateway hears of a limit after some seconds.
    private static async Task LimitedAsync(HttpClient loud, CancellationToken cancel)
    {
        while (true)
        {
            using var answer = await loud.GetAsync(new Uri("api/directory/units", UriKind.Relative), cancel);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                return;
        }
    }

    // How long it took until the tenant was active.
    private static async Task<TimeSpan> MakeAsync(MeshUnderLoad mesh, HttpClient operators, string slug, CancellationToken cancel)
    {
        var begun = Stopwatch.GetTimestamp();
        using var made = await operators.PostAsJsonAsync("api/tenant/tenants", new { slug, nameAr = "جهة", nameEn = "Office", adminUserName = "admin", adminPassword = Password }, cancel);
        made.EnsureSuccessStatusCode();
        while ((await operators.GetFromJsonAsync<JsonElement>($"api/tenant/tenants/{slug}", cancel)).GetProperty("status").GetString() != "active")
            await Task.Delay(50, cancel);
        var took = Stopwatch.GetElapsedTime(begun);
        using var admin = await mesh.SignInAsync(slug, "admin", Password, cancel);
        for (var user = 0; user < Users; user++)
        {
            using var added = await admin.PostAsJsonAsync("api/identity/users", new
            {
                userName = $"user{user}", password = Password, displayNameAr = "موظف", displayNameEn = "Employee", roles = new[] { "handler" }, clearance = 0,
            }, cancel);
            added.EnsureSuccessStatusCode();
        }
        return took;
    }

    private static KeyValuePair<string, string>[] SignIn(string userName) => [new("grant_type", "password"), new("client_id", "tarasol-cli"), new("username", userName), new("password", Password)];

    private static KeyValuePair<string, string>[] Refresh(string token) => [new("grant_type", "refresh_token"), new("client_id", "tarasol-cli"), new("refresh_token", token)];

    private static async Task<string> TokenAsync(HttpClient http, string slug, KeyValuePair<string, string>[] form, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "connect/token") { Content = new FormUrlEncodedContent(form), Headers = { { "X-Tenant", slug } } };
        using var answer = await http.SendAsync(request, cancel);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("refresh_token").GetString()!;
    }

    private static double HashMilliseconds()
    {
        var hasher = new PasswordHasher<object>();
        var hash = hasher.HashPassword(new(), Password);
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < HashRounds; round++)
            hasher.VerifyHashedPassword(new(), hash, Password);
        return clock.Elapsed.TotalMilliseconds / HashRounds;
    }

    private static void Row(string what, int clients, Measured measured) =>
        Report.Row(what, $"{clients}", Report.Number(measured.PerSecond, "0.0"), Report.Number(measured.At(50), "0"), Report.Number(measured.At(99), "0"), Report.LoadAverage());

    private static string Milliseconds(LongHistogram latencies, double percentile) => Report.Number(latencies.GetValueAtPercentile(percentile) / 1000.0, "0.0");
}
