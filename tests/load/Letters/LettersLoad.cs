using System.Buffers.Text;
using System.Diagnostics;
using Tarasol.Tasks.Inbox;
using Tarasol.Tests.Load.Tenants;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Load.Letters;

/// <summary>Registering letters, and the inbox and the list of letters, in a tenant with few and with very many letters, on SQLite and on PostgreSQL.</summary>
internal static class LettersLoad
{
    private const string Secret = "postgres-main";
    private const int Seeds = 100;
    private const int Few = 1_000;
    private const int PerPage = 50;
    private static readonly int[] Clients = [1, 8];

    // One clerk asks as often as it gets answers; limits are not what is measured.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["RateLimit__SignIn__Burst"] = "100000", ["RateLimit__SignIn__PerSecond"] = "100000", ["RateLimit__User__Burst"] = "1000000", ["RateLimit__User__PerSecond"] = "100000",
        ["RateLimit__Tenant__Burst"] = "1000000", ["RateLimit__Tenant__PerSecond"] = "100000",
    };

    public static async Task RunAsync(int letters, string provider, int seconds, int rounds, CancellationToken cancel)
    {
        // The server of the tests forgets what it was told when the machine dies; here it has to keep it.
        await using var server = provider is "postgres" or "both" ? await PostgresServer.StartAsync("fsync=on") : null;
        var connection = server is null ? null : PostgresServer.ConnectionString(server);
        Report.Progress("letters: starting a mesh");
        await using var mesh = await MeshUnderLoad.StartAsync(connection is null ? null : (Secret, connection), Settings, cancel);
        using var operators = await mesh.OperatorAsync(cancel);
        if (provider is "sqlite" or "both")
            await OneAsync(new("SQLite", mesh.Data, null, "letters-sqlite"), null, () => mesh.Processor);
        if (server is not null)
            await OneAsync(new("PostgreSQL", mesh.Data, connection, "letters-postgres"), new { provider = "postgres", serverSecret = Secret }, () => mesh.Processor + MeshUnderLoad.ProcessorIn(server.Folder));

        async Task OneAsync(TenantDatabase databases, object? place, Func<TimeSpan> processor)
        {
            Report.Progress($"letters: {databases.Provider}: a tenant and its first {Seeds} letters");
            var office = await LetterOffice.MakeAsync(mesh, operators, databases, place, cancel);
            var (first, last) = await office.SeedAsync(Seeds, cancel);
            var many = new ManyLetters(databases, first, last, letters / Seeds - 1);
            var (registered, pages) = (new List<(int Size, int Clients, RegisterSpeed.Result Result, string Load)>(), new List<(int Size, ServicePage Page, PageSpeed Speed)>());
            foreach (var size in new[] { Few, letters / 4, letters }.Where(size => size >= Few && size <= letters).Distinct())
            {
                var clock = Stopwatch.StartNew();
                await many.FillAsync(size / Seeds - 1, cancel);
                Report.Progress($"letters: {databases.Provider}: {size} letters after {clock.Elapsed.TotalSeconds:0} s; registering more");
                foreach (var clients in Clients)
                    registered.Add((size, clients, await RegisterSpeed.MeasureAsync(office, clients, seconds, processor, cancel), Report.LoadAverage()));
                Report.Progress($"letters: {databases.Provider}: pages");
                pages.AddRange((await PagesAsync(mesh, office, size, rounds, cancel)).Select(each => (size, each.Page, each.Speed)));
            }
            Registered(databases.Provider, registered);
            Pages(databases.Provider, pages);
        }
    }

    private static async Task<List<(ServicePage Page, PageSpeed Speed)>> PagesAsync(MeshUnderLoad mesh, LetterOffice office, int size, int rounds, CancellationToken cancel)
    {
        var databases = office.Databases;
        using var head = await office.SignInAsync(LetterOffice.Head, cancel);
        using var clerk = await office.SignInAsync(LetterOffice.Clerk, cancel);
        using var task = await mesh.DirectAsync("task", head, cancel);
        using var correspondence = await mesh.DirectAsync("correspondence", clerk, cancel);
        await using var tasks = await databases.OpenAsync("task", cancel);
        await using var letters = await databases.OpenAsync("correspondence", cancel);
        var pages = new List<ServicePage>();
        foreach (var (place, skip) in new[] { ("first", -1), ("middle", size / 2), ("last", size - PerPage - 1) })
        {
            var position = await tasks.AskAsync<Guid>("SELECT position FROM work_item WHERE assignee = 'head' ORDER BY position DESC LIMIT 1 OFFSET @skip", cancel, ("@skip", Math.Max(0, skip)));
            pages.Add(ServicePage.Inbox(databases, $"inbox, to do, {place} page", skip < 0 ? "?view=to-do" : $"?view=to-do&cursor={new InboxCursor(DateTimeOffset.MinValue, position).Write()}", cancel));
        }
        pages.Add(ServicePage.Inbox(databases, "inbox, overdue, first page", "?view=overdue", cancel));
        pages.Add(ServicePage.Inbox(databases, "inbox, counts", "/counts", cancel));
        // More letters than tasks: those that were registered for the measurement were sent to nobody.
        var count = (int)await letters.AskAsync<long>("SELECT COUNT(*) FROM letter", cancel);
        foreach (var (place, skip) in new[] { ("first", -1), ("middle", count / 2), ("last", count - PerPage - 1) })
        {
            Guid? after = skip < 0 ? null : await letters.AskAsync<Guid>("SELECT id FROM letter ORDER BY id DESC LIMIT 1 OFFSET @skip", cancel, ("@skip", skip));
            pages.Add(ServicePage.Letters(databases, $"letters, {place} page", after is null ? "" : $"?cursor={Base64Url.EncodeToString(after.Value.ToByteArray(bigEndian: true))}", null, after, cancel));
        }
        pages.Add(ServicePage.Letters(databases, "letters, counts", "/counts", null, null, cancel));

        var measured = new List<(ServicePage, PageSpeed)>();
        foreach (var page in pages)
        {
            var (people, direct, connection, nothing) = page.AppId == "task" ? (head, task, tasks, "api/task/inbox/filters") : (clerk, correspondence, letters, "api/correspondence/circuits");
            measured.Add((page, await new PageSpeed(people, direct, nothing).MeasureAsync(page, connection, rounds, cancel)));
        }
        return measured;
    }

    private static void Registered(string provider, List<(int Size, int Clients, RegisterSpeed.Result Result, string Load)> rows)
    {
        Report.Title($"{provider}: incoming letters, from the request to numbered and published", "letters there", "clients", "letters per second", "answered p50 ms", "p99", "published p50 ms", "p99", "processor ms per letter", "load average");
        foreach (var (size, clients, result, load) in rows)
        {
            Report.Row(
                $"{size}", $"{clients}", Report.Number(result.PerSecond, "0.0"), Report.Number(result.Requests.At(50), "0.0"), Report.Number(result.Requests.At(99), "0.0"), Milliseconds(50), Milliseconds(99),
                Report.Number(result.Processor.TotalMilliseconds, "0.0"), load);

            string Milliseconds(double percentile) => Report.Number(result.Published.GetValueAtPercentile(percentile) / 1000.0, "0.0");
        }
    }

    private static void Pages(string provider, List<(int Size, ServicePage Page, PageSpeed Speed)> rows)
    {
        Report.Title($"{provider}: pages of {PerPage}", ["what", "letters there", .. PageSpeed.Columns]);
        foreach (var (size, page, speed) in rows)
            Report.Row([page.What, $"{size}", .. speed.Cells]);
        var most = rows.Max(row => row.Size);
        Console.WriteLine($"\nWith {most} letters the last page of the inbox takes {Last("inbox, to do, last page", "inbox, to do, first page")} of the first one's time at the service, the last page of the letters {Last("letters, last page", "letters, first page")}. Load average {Report.LoadAverage()}.");

        string Last(string last, string first) => Report.Number(Of(last) / Of(first), "0.00");

        double Of(string what) => rows.First(row => row.Size == most && row.Page.What == what).Speed.Service;
    }
}
