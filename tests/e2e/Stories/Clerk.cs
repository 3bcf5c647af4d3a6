using System.Net;
using System.Text.Json;
using Tarasol.Tests.E2e.Gateway;

namespace Tarasol.Tests.E2e.Stories;

/// <summary>Somebody of an office, and what people there do all day. What is refused is thrown as <see cref="RefusedException"/>.</summary>
internal sealed class Clerk(Office office, Person person, string unit)
{
    public string Name => person.UserName;

    public string Unit => unit;

    // Letters.

    public async Task<Letter> RegistersAsync(Paper paper)
    {
        var answer = await DoAsync(HttpMethod.Post, "/api/correspondence/letters", paper with { OwnerUnitId = paper.OwnerUnitId ?? unit });
        return new(answer.Text("id"), answer.Maybe("referenceNumber"), answer.TryGetProperty("likelyDuplicates", out var likely)
            ? [.. likely.EnumerateArray().Select(each => (each.Text("letterId"), each.Text("reason")))]
            : []);
    }

    public Task<JsonElement> ReadsAsync(Letter letter) => DoAsync(HttpMethod.Get, $"/api/correspondence/letters/{letter}");

    public Task<JsonElement> CorrectsAsync(Letter letter, object changes) => DoAsync(HttpMethod.Patch, $"/api/correspondence/letters/{letter}", changes);

    /// <summary>What happened to a letter, in order.</summary>
    public Task<IReadOnlyList<JsonElement>> ReadsTimelineAsync(Letter letter) => person.ListAsync($"/api/correspondence/letters/{letter}/timeline");

    /// <summary>Waits until a letter's timeline tells all of these: what, by whom, to whom. Some of them come from other services, so in no fixed order.</summary>
    public async Task SeesInTimelineAsync(Letter letter, params (string Kind, string Actor, string? Target)[] expected)
    {
        IReadOnlyList<(string, string, string?)> told = [];
        await office.UntilAsync(async () =>
        {
            told = [.. (await ReadsTimelineAsync(letter)).Select(each => (each.Text("kind"), each.Text("actor"), each.Maybe("target")))];
            return expected.All(told.Contains);
        }, $"the timeline of letter {letter} to tell {string.Join(", ", expected)}");
    }

    /// <summary>Waits until the audit trail has events of all these types about a letter.</summary>
    public async Task SeesInTrailAsync(Letter letter, params string[] expected)
    {
        IReadOnlyList<string> kept = [];
        await office.UntilAsync(async () =>
        {
            kept = [.. (await ListsAsync($"/api/audit/events?subject={letter}")).Select(entry => entry.Text("type"))];
            return expected.All(kept.Contains);
        }, $"the audit trail to have {string.Join(", ", expected)} of letter {letter}");
    }

    public async Task ClosesAsync(Letter letter, string mode, string? comment = null) =>
        await DoAsync(HttpMethod.Post, $"/api/correspondence/letters/{letter}/close", new { mode, comment });

    public async Task ReopensAsync(Letter letter, string reason) => await DoAsync(HttpMethod.Post, $"/api/correspondence/letters/{letter}/reopen", new { reason });

    public async Task LinksAsync(Letter letter, string kind, Letter other) => await DoAsync(HttpMethod.Post, $"/api/correspondence/letters/{letter}/links", new { kind, letterId = other.Id });

    /// <summary>What a letter is to others, and they to it.</summary>
    public async Task<IReadOnlyList<(string Kind, string LetterId)>> ListsLinksAsync(Letter letter) =>
        [.. (await ListsAsync($"/api/correspondence/letters/{letter}/links")).Select(link => (link.Text("kind"), link.Text("letterId")))];

    /// <summary>Waits until a letter is approved, rejected or whatever it is to become, and reads it.</summary>
    public async Task<JsonElement> SeesAsync(Letter letter, string status)
    {
        JsonElement seen = default;
        await office.UntilAsync(async () => (seen = await ReadsAsync(letter)).Text("status") == status, $"letter {letter} to be {status}");
        return seen;
    }

    /// <summary>Makes a number void.</summary>
    public async Task VoidsAsync(string referenceNumber, string reason) => await DoAsync(HttpMethod.Post, "/api/numbering/voids", new { referenceNumber, reason });

    // Ways.

    /// <summary>The id of the routing.</summary>
    public async Task<string> SendsAsync(Letter letter, string circuit, Dictionary<string, string>? chosen = null) =>
        (await DoAsync(HttpMethod.Post, $"/api/correspondence/letters/{letter}/routing", new { circuit, chosen })).Text("routingId");

    /// <summary>The same to approvers who are named one by one.</summary>
    public async Task<string> SendsAsync(Letter letter, params Clerk[] approvers) => (await DoAsync(HttpMethod.Post, $"/api/correspondence/letters/{letter}/routing",
        new { steps = approvers.Select(approver => new { kind = "approve", assignee = approver.Name, dueInHours = 24 }) })).Text("routingId");

    /// <summary>Stops a letter on its way.</summary>
    public async Task StopsAsync(Letter letter, string routing, string reason) => await DoAsync(HttpMethod.Post, $"/api/correspondence/letters/{letter}/routing/{routing}/interrupt", new { reason });

    // Tasks.

    /// <summary>Waits until a letter lies on one's desk, and returns the task.</summary>
    public async Task<JsonElement> FindsAsync(Letter letter, string? kind = null)
    {
        JsonElement? found = null;
        await office.UntilAsync(async () => (found = await LooksForAsync(letter, kind)) is not null, $"letter {letter} to come to {Name}");
        return found!.Value;
    }

    /// <summary>The open task about a letter that is on one's desk now; null: there is none.</summary>
    public async Task<JsonElement?> LooksForAsync(Letter letter, string? kind = null) =>
        (await person.ListAsync("/api/task/tasks?state=open")).Where(task => task.Text("letterId") == letter.Id && (kind is null || task.Text("kind") == kind)).Select(task => (JsonElement?)task).FirstOrDefault();

    public Task ApprovesAsync(Letter letter, string? comment = null) => DecidesAsync(letter, "approve", comment);

    public Task SignsAsync(Letter letter, string? comment = null) => DecidesAsync(letter, "sign", comment);

    public Task RejectsAsync(Letter letter, string comment) => DecidesAsync(letter, "reject", comment);

    public Task ReturnsAsync(Letter letter, string comment) => DecidesAsync(letter, "return", comment);

    /// <summary>Decides the task about a letter as soon as it has come.</summary>
    public async Task DecidesAsync(Letter letter, string decision, string? comment = null) => await DecidesAsync(await FindsAsync(letter), decision, comment);

    /// <summary>Takes what was offered to one's unit.</summary>
    public async Task TakesAsync(JsonElement task) => await DoAsync(HttpMethod.Post, $"/api/task/tasks/{task.Text("id")}/take");

    /// <summary>Gives a task away.</summary>
    public async Task ReassignsAsync(JsonElement task, Clerk to, string reason) => await DoAsync(HttpMethod.Post, $"/api/task/tasks/{task.Text("id")}/reassign", new { assignee = to.Name, reason });

    /// <summary>Asks a colleague what they think of a task.</summary>
    public async Task AsksAsync(JsonElement task, Clerk colleague, string question) =>
        await DoAsync(HttpMethod.Post, $"/api/task/tasks/{task.Text("id")}/opinions", new { colleague = colleague.Name, question });

    /// <summary>Decides several tasks at once: what came of each, in their order.</summary>
    public async Task<IReadOnlyList<(int Status, string? Code, string? Title)>> DecidesManyAsync(params (JsonElement Task, string Decision, string? Comment)[] decisions)
    {
        var answer = await DoAsync(HttpMethod.Post, "/api/task/decisions", new { items = decisions.Select(each => new { taskId = each.Task.Text("id"), decision = each.Decision, comment = each.Comment }) });
        var results = answer.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(decisions.Select(each => each.Task.Text("id")), results.Select(each => each.Text("taskId")));
        return [.. results.Select(each => (each.GetProperty("status").GetInt32(), each.Maybe("code"), each.Maybe("title")))];
    }

    public Task<JsonElement> ReadsTaskAsync(JsonElement task) => DoAsync(HttpMethod.Get, $"/api/task/tasks/{task.Text("id")}");

    /// <summary>The letters in one view of one's inbox, in its order.</summary>
    public async Task<IReadOnlyList<string>> LooksAtInboxAsync(string view) => [.. (await ListsAsync($"/api/task/inbox?view={view}")).Select(task => task.Text("letterId"))];

    /// <summary>When a task is due, and why.</summary>
    public Task<JsonElement> ReadsDeadlineAsync(JsonElement task) => DoAsync(HttpMethod.Get, $"/api/task/tasks/{task.Text("id")}/deadline");

    public async Task StopsClockAsync(JsonElement task, string reason) => await DoAsync(HttpMethod.Post, $"/api/task/tasks/{task.Text("id")}/clock/stop", new { reason });

    public async Task ResumesClockAsync(JsonElement task) => await DoAsync(HttpMethod.Post, $"/api/task/tasks/{task.Text("id")}/clock/resume");

    public async Task ExtendsAsync(JsonElement task, int workingDays, string reason) => await DoAsync(HttpMethod.Post, $"/api/task/tasks/{task.Text("id")}/extension", new { workingDays, reason });

    public async Task DecidesAsync(JsonElement task, string decision, string? comment = null) => await DoAsync(HttpMethod.Post, $"/api/task/tasks/{task.Text("id")}/decision", new { decision, comment });

    // Referrals.

    /// <summary>Passes a letter on to the heads of units, all at once. The ids of the referrals.</summary>
    public Task<IReadOnlyList<string>> RefersToUnitsAsync(Letter letter, string purpose, string instruction, params string[] units) =>
        RefersAsync(letter, units.Select(each => new { purpose, unitId = each, instruction }));

    /// <summary>The same to people.</summary>
    public Task<IReadOnlyList<string>> RefersAsync(Letter letter, string purpose, string instruction, params Clerk[] receivers) =>
        RefersAsync(letter, receivers.Select(each => new { purpose, user = each.Name, instruction }));

    public async Task<IReadOnlyList<string>> RefersAsync(Letter letter, IEnumerable<object> items) =>
        [.. (await DoAsync(HttpMethod.Post, $"/api/correspondence/letters/{letter}/referrals", new { items })).GetProperty("items").EnumerateArray().Select(made => made.Text("id"))];

    public async Task AcceptsAsync(string referral) => await DoAsync(HttpMethod.Post, $"/api/correspondence/referrals/{referral}/accept");

    public async Task AnswersAsync(string referral, string answer) => await DoAsync(HttpMethod.Post, $"/api/correspondence/referrals/{referral}/answer", new { answer });

    public async Task RecallsAsync(string referral) => await DoAsync(HttpMethod.Post, $"/api/correspondence/referrals/{referral}/recall");

    public Task<JsonElement> ReadsReferralAsync(string referral) => DoAsync(HttpMethod.Get, $"/api/correspondence/referrals/{referral}");

    /// <summary>Passes on a letter that was referred to oneself.</summary>
    public async Task<string> PassesOnAsync(Letter letter, string referral, Clerk to) => (await DoAsync(
        HttpMethod.Post, $"/api/correspondence/letters/{letter}/referrals", new { parentId = referral, items = new[] { new { purpose = "action", user = to.Name } } })).GetProperty("items")[0].Text("id");

    public async Task ClosesReferralAsync(string referral) => await DoAsync(HttpMethod.Post, $"/api/correspondence/referrals/{referral}/close");

    // Leave.

    /// <summary>Offers a colleague to act for oneself from today on. The id of the delegation.</summary>
    public async Task<string> DelegatesToAsync(Clerk colleague, int days, string confidentiality, string reason)
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        return (await DoAsync(HttpMethod.Post, "/api/delegation/delegations", new { @delegate = colleague.Name, from = today, until = today.AddDays(days), confidentiality, reason })).Text("id");
    }

    public async Task AcceptsDelegationAsync(string delegation) => await DoAsync(HttpMethod.Post, $"/api/delegation/delegations/{delegation}/accept");

    public async Task EndsDelegationAsync(string delegation, string reason) => await DoAsync(HttpMethod.Post, $"/api/delegation/delegations/{delegation}/end", new { reason });

    // Anything.

    /// <summary>A file, as it comes.</summary>
    public async Task<(string? Type, byte[] Bytes)> DownloadsAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Authorization = new("Bearer", await person.TokenAsync()) } };
        using var answer = await office.Mesh.Gateway.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (answer.Content.Headers.ContentType?.MediaType, await answer.Content.ReadAsByteArrayAsync());
    }

    public Task<IReadOnlyList<JsonElement>> ListsAsync(string path) => person.ListAsync(path);

    /// <summary>Calls the gateway; the body of the answer, where there is one.</summary>
    public async Task<JsonElement> DoAsync(HttpMethod method, string path, object? body = null)
    {
        var answer = await person.SendAsync(method, path, body, body is null ? null : Guid.CreateVersion7().ToString());
        if (answer.Status >= HttpStatusCode.BadRequest)
            throw new RefusedException($"{method} {path} by {Name}", answer);
        return answer.Text.Length > 0 ? answer.Json : default;
    }
}
