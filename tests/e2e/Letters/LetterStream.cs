using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using Tarasol.Tests.E2e.Gateway;

namespace Tarasol.Tests.E2e.Letters;

/// <summary>
/// Several clients of one tenant at once: clerks register and route letters as they are added, two approvers decide what comes to them. What must be there in
/// the end is known, whatever happened to the mesh meanwhile; <see cref="CheckAsync"/> compares.
/// </summary>
internal sealed class LetterStream(Organisation organisation)
{
    private const int Clerks = 4;
    private readonly Channel<Plan> waiting = Channel.CreateUnbounded<Plan>();
    private readonly ConcurrentDictionary<string, Plan> letters = [];
    private readonly ConcurrentDictionary<string, string> numbersAtRegistration = [];
    private int added;
    private int routed;
    private int decisions;
    private bool complete;

    /// <summary>Letters that the API has accepted so far.</summary>
    public int Registered => letters.Count;

    public int Routed => Volatile.Read(ref routed);

    public int Decisions => Volatile.Read(ref decisions);

    public IReadOnlyCollection<string> Ids => [.. letters.Keys];

    private IEnumerable<Person> People => [organisation.Clerk, organisation.Head, organisation.Signatory, organisation.Auditor];

    /// <summary>More letters to register.</summary>
    public void Add(int count)
    {
        for (; count > 0; count--)
            Assert.True(waiting.Writer.TryWrite(Plan.Of(added++)));
    }

    /// <summary>No more letters; <see cref="RunAsync"/> ends when all are decided.</summary>
    public void Complete()
    {
        complete = true;
        waiting.Writer.Complete();
    }

    /// <summary>Runs the clients until every letter is decided.</summary>
    public Task RunAsync() => Task.WhenAll([.. Enumerable.Range(0, Clerks).Select(_ => RegisterAndRouteAsync()), DecideAsync(organisation.Head, 1), DecideAsync(organisation.Signatory, 2)]);

    /// <summary>Everything that was accepted is there, once, in its last state, with its number, and in the audit trail.</summary>
    public async Task CheckAsync()
    {
        var odd = People.SelectMany(person => person.Odd).ToList();
        Assert.True(odd.Count == 0, string.Join('\n', odd));
        var found = await UntilFinalAsync();
        Assert.Equal(letters.Keys.Order(), found.Select(letter => Text(letter, "id")!).Order());
        foreach (var letter in found)
        {
            var plan = letters[Text(letter, "id")!];
            Assert.Equal(plan.Outcome, Text(letter, "status"));
            Assert.Equal(plan.EndsNumbered, Text(letter, "referenceNumber") is not null);
            if (numbersAtRegistration.TryGetValue(Text(letter, "id")!, out var first))
                Assert.Equal(first, Text(letter, "referenceNumber"));
        }

        CheckNumbers(found);
        await CheckTrailAsync();
    }

    private static void CheckNumbers(IReadOnlyList<JsonElement> found)
    {
        // A new tenant has one series per direction, each from 1.
        foreach (var series in found.Where(letter => Text(letter, "referenceNumber") is not null).GroupBy(letter => Text(letter, "direction")))
        {
            var numbers = series.Select(letter => Text(letter, "referenceNumber")!).Order(StringComparer.Ordinal).ToList();
            Assert.Equal(Enumerable.Range(1, numbers.Count), numbers.Select(number => int.Parse(number[(number.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture)));
        }
    }

    private async Task<IReadOnlyList<JsonElement>> UntilFinalAsync()
    {
        IReadOnlyList<JsonElement> found = [];
        await organisation.Mesh.UntilAsync(
            async () => (found = await organisation.Clerk.ListAsync("/api/correspondence/letters")).All(letter => Text(letter, "status") is "approved" or "rejected" or "returned"),
            () => $"all letters to be decided; open are {string.Join(", ", found.Where(letter => Text(letter, "status") is "registered" or "in-routing").Select(letter => Text(letter, "id")))}");
        return found;
    }

    /// <summary>Each event exactly once, none more, and nothing on its way any longer.</summary>
    private async Task CheckTrailAsync()
    {
        var expected = letters.SelectMany(letter => letter.Value.Events.Select(type => $"{letter.Key} {type}")).Order(StringComparer.Ordinal).ToList();
        var seen = new List<string>();
        await organisation.Mesh.UntilAsync(async () =>
        {
            var queues = MeshData.Queues(organisation.Mesh.DataPath);
            seen = [.. (await organisation.Auditor.ListAsync("/api/audit/events")).Where(entry => Text(entry, "letterId") is not null)
                .Select(entry => $"{Text(entry, "letterId")} {Text(entry, "type")}").Order(StringComparer.Ordinal)];
            return queues == 0 && seen.Count >= expected.Count;
        }, () => $"all events to be in the audit trail; missing are {string.Join(", ", expected.Except(seen))}; {MeshData.Queues(organisation.Mesh.DataPath)} events are on their way");
        Assert.Equal(expected, seen);
        Assert.Empty(MeshData.DeadLetters(organisation.Mesh.DataPath));

        var all = await organisation.Auditor.ListAsync("/api/audit/events");
        Assert.Equal(1, all.Count(entry => Text(entry, "type") == "directory.unit-created.v1"));
        Assert.Equal(organisation.UserIds.Count + 1, all.Count(entry => Text(entry, "type") == "identity.user-created.v1"));
        Assert.Equal(all.Count, all.Select(entry => Text(entry, "id")).Distinct().Count());
        var verdict = (await organisation.Auditor.PersistAsync(HttpMethod.Get, "/api/audit/verify")).Is(HttpStatusCode.OK).Json;
        Assert.True(verdict.GetProperty("verified").GetBoolean(), verdict.GetRawText());
        Assert.Equal(all.Count, verdict.GetProperty("count").GetInt32());
        Assert.Equal(Text(all[^1], "hash"), Text(verdict, "head"));
    }

    private async Task RegisterAndRouteAsync()
    {
        await foreach (var plan in waiting.Reader.ReadAllAsync())
        {
            var letter = (await organisation.Clerk.PersistAsync(HttpMethod.Post, "/api/correspondence/letters", organisation.Letter(plan.Direction, plan.Subject))).Is(HttpStatusCode.Created).Json;
            var id = Text(letter, "id")!;
            Assert.Equal(plan.IsIncoming, Text(letter, "referenceNumber") is not null);
            if (plan.IsIncoming)
                numbersAtRegistration[id] = Text(letter, "referenceNumber")!;
            Assert.True(letters.TryAdd(id, plan), "two letters have one id");
            (await organisation.Clerk.PersistAsync(HttpMethod.Post, $"/api/correspondence/letters/{id}/routing", Organisation.Steps(organisation.Head, organisation.Signatory))).Is(HttpStatusCode.Accepted);
            Interlocked.Increment(ref routed);
        }
    }

    private async Task DecideAsync(Person approver, int step)
    {
        var decided = new HashSet<string>();
        await organisation.Mesh.UntilAsync(async () =>
        {
            foreach (var task in await approver.ListAsync("/api/task/tasks?state=open"))
            {
                // A task may come before the clerk has the answer that names the letter.
                if (!letters.TryGetValue(Text(task, "letterId")!, out var plan))
                    continue;
                (await approver.PersistAsync(HttpMethod.Post, $"/api/task/tasks/{Text(task, "id")}/decision", new { decision = plan.DecisionAt(step), comment = "seen" })).Is(HttpStatusCode.NoContent);
                Assert.True(decided.Add(Text(task, "id")!), "a decided task was listed as open again");
                Interlocked.Increment(ref decisions);
            }

            return complete && letters.Count == added && decided.Count == letters.Values.Count(plan => plan.Decisions >= step);
        }, () => $"{approver.UserName} to decide everything: {decided.Count} decided, {Registered} of {added} letters registered, {Routed} routed");
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    /// <summary>What is to become of a letter.</summary>
    private sealed record Plan(string Subject, string Direction, string Outcome)
    {
        public bool IsIncoming => Direction == "incoming";

        public bool EndsNumbered => IsIncoming || Outcome == "approved";

        /// <summary>Returned by the first approver, rejected by the second.</summary>
        public int Decisions => Outcome == "returned" ? 1 : 2;

        public IEnumerable<string> Events =>
        [
            "correspondence.letter-registered.v1", "correspondence.letter-routed.v1", "correspondence.routing-completed.v1",
            .. EndsNumbered ? ["correspondence.letter-numbered.v1", "numbering.number-allocated.v1"] : Array.Empty<string>(),
            .. Enumerable.Repeat("correspondence.step-decided.v1", Decisions), .. Enumerable.Repeat("task.task-opened.v1", Decisions), .. Enumerable.Repeat("task.task-decided.v1", Decisions),
        ];

        public static Plan Of(int index) => new(
            $"Letter {index + 1}",
            (index % 4) switch { 0 or 1 => "incoming", 2 => "outgoing", _ => "internal" },
            (index % 7) switch { 3 => "returned", 5 => "rejected", _ => "approved" });

        public string DecisionAt(int step) => (Outcome, step) switch
        {
            ("returned", 1) => "return",
            ("rejected", 2) => "reject",
            _ => "approve",
        };
    }
}
