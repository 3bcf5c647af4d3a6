using System.Net;

namespace Tarasol.Mesh.Demo;

/// <summary>The mail comes in, one letter twice; the letters go to those who deal with them, one to the wrong person; the units write theirs and send them for approval.</summary>
internal sealed class Morning(Day day, Desk desk)
{
    /// <summary>The letter that nobody touches in time.</summary>
    public const string Overdue = "objection-to-violation";

    /// <summary>The letter that goes to the wrong person first.</summary>
    public const string Misdirected = "school-crossing";

    /// <summary>The letter that comes twice.</summary>
    public const string Twice = "insurance-claim";

    /// <summary>The secret letter, which a head passes on.</summary>
    public const string Secret = "audit-information-request";

    /// <summary>For two units at once.</summary>
    private const string ForTwo = "minutes-of-joint-committee";

    // The day of the demo lasts a minute, and so this one is due in seconds.
    private static readonly TimeSpan ShortTime = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<SampleLetter> samples = SampleLetter.Load();

    /// <summary>Work that is still there in the evening.</summary>
    public static IReadOnlyList<string> ForTomorrow { get; } = ["data-sharing-agreement", "waste-collection-contract", "request-for-site-plan"];

    public async Task RunAsync()
    {
        day.Hour("08:00", "The mail comes in", "وصول البريد");
        var incoming = samples.Where(sample => sample.IsIncoming).ToList();
        await day.EachAsync(day.Words.Of("two clerks register {0} letters", "يسجل أمينا السجل {0} خطابا", incoming.Count), incoming, async sample => await desk.RegisterAsync(ClerkOf(sample), sample));
        await day.StepAsync(day.Words.Of("one of them is registered a second time: its number becomes void", "سُجل أحدها مرة أخرى: يُلغى رقمه"), RegisterTwiceAsync);

        day.Hour("09:00", "The letters go to the units", "إحالة الخطابات إلى الوحدات");
        var referred = day.Letters.Where(letter => letter.Sample.Outcome == "referred").ToList();
        await day.EachAsync(day.Words.Of("{0} letters are referred", "إحالة {0} خطابا", referred.Count), referred, ReferAsync);

        day.Hour("10:00", "The units write their letters", "تحرير خطابات الوحدات");
        var written = samples.Where(sample => !sample.IsIncoming).ToList();
        await day.EachAsync(day.Words.Of("{0} outgoing and internal letters are drafted", "تحرير {0} خطابا صادرا وداخليا", written.Count), written, async sample =>
            await desk.RegisterAsync(day.People.AuthorOf(sample.Unit), sample, sample.RepliesTo is { } other ? [("replies-to", day.Letter(other))] : []));
        var routed = day.Letters.Where(letter => letter.Sample.Outcome is "approved" or "returned" or "rejected" or "corrected").ToList();
        await day.EachAsync(
            day.Words.Of("{0} letters are sent for approval, the outgoing ones by the circuit", "إرسال {0} خطابا للاعتماد، والصادر منها عبر المسار", routed.Count), routed, desk.RouteAsync);
    }

    // The second clerk is cleared for less.
    private Account ClerkOf(SampleLetter sample) => sample is { Unit: "services" } && sample["confidentiality"] is "normal" or "restricted" ? day.People.SecondClerk : day.People.Clerk;

    private async Task RegisterTwiceAsync()
    {
        var first = day.Letter(Twice);
        var again = await desk.RegisterAsync(day.People.SecondClerk, first.Sample with { Name = $"{Twice}-again", Outcome = "duplicate" });
        day.Expect(again.LikelyDuplicates.Contains(first.Id), again, day.Words.Of("it was not told that it is likely the same as {0}", "لم يُنبَّه إلى احتمال أنه {0} نفسه", first.Number));
        await day.Gateway.PostAsync(day.People.Clerk, $"/api/correspondence/letters/{again.Id}/links", new { kind = "duplicates", letterId = first.Id }, HttpStatusCode.Created);
        again.Did("linked", null);
        var reason = day.Words.Of("Registered twice: this is {0}.", "سُجل مرتين: هو الخطاب رقم {0}.", first.Number);
        await day.Gateway.PostAsync(day.People.Clerk, "/api/numbering/voids", new { referenceNumber = again.Number, reason }, HttpStatusCode.Created);
        again.Did(null, "numbering.number-voided.v1");
        await desk.CloseAsync(again, day.People.Clerk, "duplicate", reason);
        Day.Tell(day.Words.Of("{0} is void: {1}", "الرقم {0} ملغى: {1}", again.Number, reason));
    }

    private async Task ReferAsync(DemoLetter letter)
    {
        var (clerk, name) = (letter.Author, letter.Sample.Name);
        var receiver = letter.Sample.Letter.ContainsKey("letterType") ? day.People.LicenceOfficer : day.People.AuthorOf(letter.Sample.Unit);
        var answer = ForTomorrow.Contains(name) ? null : letter.Sample.NeedsReply
            ? day.Words.Of("Dealt with; the answer to the sender is on its way.", "اتُّخذ اللازم، والرد على المرسل في طريقه.")
            : day.Words.Of("Noted and filed.", "للعلم والحفظ.");
        var instruction = letter.Sample.IsArabic ? "للاطلاع واتخاذ اللازم وإفادتنا." : "Please deal with this and let us know.";
        switch (name)
        {
            case Misdirected:
                var wrong = await desk.ReferAsync(letter, clerk, day.People.LicenceOfficer, instruction, answer);
                await desk.RecallAsync(letter, wrong, clerk);
                Day.Tell(day.Words.Of("recalled from {0}: '{1}' is for {2}", "سُحبت الإحالة من {0}: «{1}» يخص {2}", day.People.LicenceOfficer, letter.Sample.Subject, receiver));
                break;
            case Secret:
                var head = await desk.ReferAsync(letter, clerk, day.People.LegalHead, instruction, answer);
                await desk.AcceptAsync(letter, head);
                letter.Referrals.Add(await desk.ReferAsync(letter, day.People.LegalHead, receiver, "Collect the documents.", answer, purpose: "study", parentId: head.Id));
                letter.Referrals.Add(head);
                return;
            case ForTwo:
                letter.Referrals.Add(await desk.ReferAsync(letter, clerk, day.People.LegalAdviser, instruction, answer, purpose: "information"));
                break;
        }
        letter.Referrals.Add(await desk.ReferAsync(letter, clerk, receiver, instruction, answer, name == Overdue ? ShortTime : null));
    }
}
