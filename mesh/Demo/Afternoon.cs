using System.Net;
using System.Text.Json.Nodes;

namespace Tarasol.Mesh.Demo;

/// <summary>What was returned is corrected, what was signed with a mistake is superseded, what nobody touched in time goes up, and what is done is closed.</summary>
internal sealed class Afternoon(Day day, Desk desk, Decisions decisions)
{
    public const string Escalated = "task.task-escalated.v1";
    private const string SignedWrong = "notice-of-road-closure";

    public async Task RunAsync(CancellationToken deadline)
    {
        day.Hour("13:00", "Second thoughts", "مراجعة وتصحيح");
        foreach (var letter in day.Letters.Where(letter => letter.Sample.Correction is not null))
            await day.StepAsync(day.Words.Of("'{0}' is corrected and sent again", "يُصحح «{0}» ويُرسل ثانية", letter.Sample.Subject), () => CorrectAsync(letter));
        var (wrong, right) = (day.Letter(SignedWrong), (DemoLetter?)null);
        await day.StepAsync(
            day.Words.Of("{0} was signed with a wrong date: a new letter supersedes it", "وُقع {0} وفيه تاريخ خطأ: يحل محله خطاب جديد", await NumberAsync(wrong)), async () => right = await SupersedeAsync(wrong));
        await decisions.RunAsync(deadline);
        day.Expect((await day.ListAsync(day.People.Clerk, $"/api/correspondence/letters/{wrong.Id}/links")).Any(link => link.Text("kind") == "superseded-by" && link.Text("letterId") == right!.Id), wrong,
            day.Words.Of("it does not tell that it is superseded", "لا يبين أن خطابا آخر حل محله"));
        Day.Tell(day.Words.Of("{0} supersedes {1}", "{0} يحل محل {1}", await NumberAsync(right!), await NumberAsync(wrong)));

        day.Hour("14:00", "Too late", "تجاوز المهلة");
        await day.StepAsync(day.Words.Of("what was due is escalated", "تصعيد ما تجاوز مهلته"), EscalateAsync);

        day.Hour("15:00", "What is done is closed", "إغلاق ما أُنجز");
        var done = day.Letters.Where(letter => letter.Referrals.Count > 0 && !Morning.ForTomorrow.Contains(letter.Sample.Name)).ToList();
        await day.EachAsync(day.Words.Of("{0} letters are closed", "إغلاق {0} خطابا", done.Count), done, CloseAsync);
    }

    private async Task CorrectAsync(DemoLetter letter)
    {
        await day.Gateway.PatchAsync(letter.Author, $"/api/correspondence/letters/{letter.Id}", new { body = $"{letter.Sample["body"]}\n\n{letter.Sample.Correction}" });
        letter.Did("changed", "correspondence.letter-changed.v1");
        letter.IsCorrected = true;
        await desk.RouteAsync(letter);
    }

    private async Task<DemoLetter> SupersedeAsync(DemoLetter wrong)
    {
        var body = (JsonObject)wrong.Sample.Letter.DeepClone();
        body["subject"] = $"Corrected dates: {wrong.Sample.Subject}";
        body["body"] = $"{wrong.Sample["body"]}\n\nOur earlier notice named the next two weekends. The work begins one week later; this notice takes the place of the earlier one.";
        var right = await desk.RegisterAsync(wrong.Author, wrong.Sample with { Name = $"{SignedWrong}-corrected", Letter = body, RepliesTo = null }, ("supersedes", wrong));
        await desk.RouteAsync(right);
        return right;
    }

    private async Task EscalateAsync()
    {
        var letter = day.Letter(Morning.Overdue);
        var (late, head, referral) = (day.People.LegalAdviser, day.People.LegalHead, letter.Referrals.Single());
        string? task = null;
        await day.UntilAsync(async () => (task = await FindAsync(head, "to-do&kind=escalation")) is not null);
        day.Expect(await FindAsync(late, "overdue") is not null, letter, day.Words.Of("it is not overdue in the inbox of {0}", "لا يظهر متأخرا لدى {0}", late));
        Day.Tell(day.Words.Of("'{0}' is overdue with {1}: {2} is told", "«{0}» متأخر لدى {1}: أُبلغ {2}", letter.Sample.Subject, late, head));
        await day.Gateway.PostAsync(head, $"/api/task/tasks/{task}/decision", new { decision = "seen", comment = day.Words.Of("To be done today.", "يُنجز اليوم.") }, HttpStatusCode.NoContent);
        await desk.DealAsync(letter, referral);

        async Task<string?> FindAsync(Account person, string view) =>
            (await day.ListAsync(person, $"/api/task/inbox?view={view}")).Where(item => item.Text("letterId") == letter.Id).Select(item => item.Id()).FirstOrDefault();
    }

    private Task CloseAsync(DemoLetter letter)
    {
        var isAnswered = day.Letters.Any(other => other.Sample.RepliesTo == letter.Sample.Name && other.Sample.Outcome == "approved");
        return desk.CloseAsync(letter, letter.Author, isAnswered ? "answered" : "action-taken", day.Words.Of("Done.", "أُنجز."));
    }

    private async Task<string> NumberAsync(DemoLetter letter) =>
        letter.Number ??= (await day.Gateway.GetAsync(letter.Author, $"/api/correspondence/letters/{letter.Id}")).Text("referenceNumber")
            ?? throw new MeshException(day.Words.Of("'{0}' has no number", "«{0}» بلا رقم", letter.Sample.Subject));
}
