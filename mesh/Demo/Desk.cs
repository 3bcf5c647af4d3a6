using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tarasol.Mesh.Demo;

/// <summary>What a clerk or an author does with one letter.</summary>
internal sealed class Desk(Day day)
{
    public async Task<DemoLetter> RegisterAsync(Account author, SampleLetter sample, params (string Kind, DemoLetter Other)[] links)
    {
        var body = (JsonObject)sample.Letter.DeepClone();
        body["documentDate"] = $"{DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-sample.DaysAgo):yyyy-MM-dd}";
        body["ownerUnitId"] = day.Units[sample.Unit];
        if (links.Length > 0)
            body["links"] = new JsonArray([.. links.Select(link => new JsonObject { ["kind"] = link.Kind, ["letterId"] = link.Other.Id })]);
        var (sent, answer) = await SendAsync(author, sample, body);
        var letter = new DemoLetter(sample, author, answer.Body.Id(), sent) 
        {
            Number = answer.Body.Text("referenceNumber"),
            LikelyDuplicates = answer.Body.TryGetProperty("likelyDuplicates", out var likely) ? [.. likely.EnumerateArray().Select(other => other.Text("letterId")!)] : [],
        };
        day.Expect(letter.Number is not null == sample.IsIncoming, letter, day.Words.Of(
            "the answer to the registration has the number '{0}'; an incoming letter gets one at registration, the others at approval",
            "رقم الخطاب في جواب التسجيل '{0}'؛ الوارد يأخذ رقمه عند التسجيل وغيره عند الاعتماد", letter.Number));
        letter.Did("registered", DemoLetter.Registered);
        if (sample.IsIncoming)
            Numbered(letter);
        if (sample.Letter.ContainsKey("letterType"))
            letter.Did(null, "correspondence.acknowledgement-requested.v1");
        day.Add(letter);
        return letter;
    }

    /// <summary>Sends a letter to the head of its unit and the Director General, one after the other; an outgoing one by the published circuit.</summary>
    public Task RouteAsync(DemoLetter letter)
    {
        letter.ByCircuit = letter.Sample.Direction == "outgoing";
        return letter.ByCircuit
            ? RouteAsync(letter, new { circuit = BeforeOpening.Circuit }, NeedsLegalComment(letter.Sample) ? 3 : 2)
            : RouteAsync(letter, day.People.HeadOf(letter.Sample.Unit), day.People.Signatory);
    }

    public Task RouteAsync(DemoLetter letter, params Account[] approvers) =>
        RouteAsync(letter, new { steps = approvers.Select(approver => new { kind = "approve", assignee = approver.UserName, dueInHours = 24 }) }, approvers.Length);

    /// <summary>Passes a letter on. What the receiver is to answer is for later; the answer null is left for another day.</summary>
    public async Task<DemoReferral> ReferAsync(
        DemoLetter letter, Account sender, Account receiver, string instruction, string? answer, TimeSpan? due = null, string purpose = "action", string? parentId = null)
    {
        var made = await day.Gateway.PostAsync(sender, $"/api/correspondence/letters/{letter.Id}/referrals", new
        {
            items = new[] { new { purpose, user = receiver.UserName, instruction, dueAt = DateTimeOffset.UtcNow + (due ?? TimeSpan.FromDays(2)) } }, parentId,
        }, HttpStatusCode.Created);
        letter.Did("referral-sent", "correspondence.referral-sent.v1");
        return new(made.Body.Items().Single().Id(), receiver, answer);
    }

    public async Task AcceptAsync(DemoLetter letter, DemoReferral referral)
    {
        await MoveAsync(letter, referral, referral.Receiver, "accept", new { }, "accepted");
        referral.IsAccepted = true;
    }

    /// <summary>The receiver deals with a referral: takes it on, and answers unless that is left for another day.</summary>
    public async Task DealAsync(DemoLetter letter, DemoReferral referral)
    {
        if (!referral.IsAccepted)
            await AcceptAsync(letter, referral);
        if (referral.Answer is { } answer)
            await MoveAsync(letter, referral, referral.Receiver, "answer", new { answer }, "answered");
    }

    public Task RecallAsync(DemoLetter letter, DemoReferral referral, Account sender) => MoveAsync(letter, referral, sender, "recall", new { }, "recalled");

    public async Task CloseAsync(DemoLetter letter, Account who, string mode, string comment)
    {
        await day.Gateway.PostAsync(who, $"/api/correspondence/letters/{letter.Id}/close", new { mode, comment }, HttpStatusCode.NoContent);
        letter.Did("closed", "correspondence.letter-closed.v1");
        foreach (var _ in letter.Referrals)
            letter.Did(null, "correspondence.referral-closed.v1");
    }

    public static void Numbered(DemoLetter letter)
    {
        letter.Did("numbered", "correspondence.letter-numbered.v1");
        letter.Did(null, "numbering.number-allocated.v1");
    }

    private async Task MoveAsync(DemoLetter letter, DemoReferral referral, Account who, string act, object body, string done)
    {
        await day.Gateway.PostAsync(who, $"/api/correspondence/referrals/{referral.Id}/{act}", body, HttpStatusCode.NoContent);
        letter.Did($"referral-{done}", $"correspondence.referral-{done}.v1");
    }

    private async Task RouteAsync(DemoLetter letter, object way, int decisions)
    {
        letter.Awaited = decisions;
        await day.Gateway.PostAsync(letter.Author, $"/api/correspondence/letters/{letter.Id}/routing", way, HttpStatusCode.Accepted);
        letter.Did("routed", "correspondence.letter-routed.v1");
    }

    private static bool NeedsLegalComment(SampleLetter sample) => sample.Unit != "legal" && sample["confidentiality"] != "normal";

    // A type that was published a moment ago reaches the registry by an event: until then it is not known there.
    private async Task<(DateTimeOffset Sent, Answer Answer)> SendAsync(Account author, SampleLetter sample, JsonObject body)
    {
        if (!body.ContainsKey("letterType"))
            return (DateTimeOffset.UtcNow, await PostAsync(HttpStatusCode.Created));
        (DateTimeOffset, Answer) sent = default;
        await day.UntilAsync(async () =>
        {
            sent = (DateTimeOffset.UtcNow, await PostAsync(HttpStatusCode.Created, HttpStatusCode.BadRequest));
            if (sent.Item2.Status == HttpStatusCode.Created)
                return true;
            day.Expect(sent.Item2.Body.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object && errors.EnumerateObject().All(error => error.Name == "letterType"),
                "'{0}' was refused: {1}", "رُفض '{0}': {1}", sample.Subject, sent.Item2.Text);
            return false;
        });
        return sent;

        Task<Answer> PostAsync(params HttpStatusCode[] expected) => day.Gateway.PostAsync(author, "/api/correspondence/letters", body, expected);
    }
}
