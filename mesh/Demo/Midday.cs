using System.Text.Json.Nodes;

namespace Tarasol.Mesh.Demo;

/// <summary>Those to whom letters were referred deal with them: they answer, write to the senders, and are reminded of what is left.</summary>
internal sealed class Midday(Day day, Desk desk)
{
    public async Task RunAsync()
    {
        day.Hour("11:00", "The letters are dealt with", "معالجة الخطابات");
        var referred = day.Letters.Where(letter => letter.Referrals.Count > 0 && letter.Sample.Name != Morning.Overdue).ToList();
        await day.EachAsync(day.Words.Of("{0} referred letters are taken on", "تولي {0} خطابا محالا", referred.Count), referred, async letter =>
        {
            foreach (var referral in letter.Referrals)
                await desk.DealAsync(letter, referral);
        });

        var answered = day.Letters.Select(letter => letter.Sample.RepliesTo).OfType<string>().ToHashSet();
        var unanswered = day.Letters.Where(letter => letter.Sample is { NeedsReply: true, Outcome: "referred" } && !answered.Contains(letter.Sample.Name)).ToList();
        await day.EachAsync(day.Words.Of("{0} senders get an interim answer", "رد أولي على {0} مرسلين", unanswered.Count), unanswered, async letter =>
            await desk.RouteAsync(await desk.RegisterAsync(day.People.AuthorOf(letter.Sample.Unit), AnswerTo(letter), ("replies-to", letter))));
        await day.EachAsync(day.Words.Of("{0} reminders of what is left", "{0} تذكيرات بما بقي", Morning.ForTomorrow.Count), Morning.ForTomorrow, async name =>
        {
            var letter = day.Letter(name);
            await desk.RouteAsync(await desk.RegisterAsync(day.People.Clerk, ReminderOf(letter), ("relates", letter)), day.People.ChiefClerk);
        });
    }

    private static SampleLetter AnswerTo(DemoLetter letter)
    {
        var from = letter.Sample;
        var sender = from.Letter["sender"]!["name"]!.GetValue<string>();
        return new($"answer-to-{from.Name}", from.Unit, "approved", 0, null, Write(from, "outgoing", from["confidentiality"], from.IsArabic ? ("رد أولي على خطابكم: ", $"""
            السادة/ {sender}، المحترمين

            السلام عليكم ورحمة الله وبركاته،

            نشير إلى خطابكم الوارد إلينا برقم {letter.Number} بشأن «{from.Subject}»، ونفيدكم بأنه أُحيل إلى المختصين لدراسته، وسيصلكم الرد خلال عشرة أيام عمل. ونرجو ذكر الرقم أعلاه في مراسلاتكم.

            وتفضلوا بقبول فائق الاحترام.
            """) : ("Interim answer to your letter: ", $"""
            Dear {sender},

            Thank you for your letter "{from.Subject}", which we registered as {letter.Number}. It is with the officer responsible, and you will have an answer within ten working days. Please quote
            the number above when you write to us about it.

            Yours sincerely,
            """), sender), from.Name);
    }

    private static SampleLetter ReminderOf(DemoLetter letter)
    {
        var from = letter.Sample;
        return new($"reminder-of-{from.Name}", "registry", "approved", 0, null, Write(from, "internal", from["confidentiality"], from.IsArabic ? ("تذكير بخطاب لم يُبت فيه: ", $"""
            إلى المختص بالمعاملة رقم {letter.Number}،

            أُحيل إليكم الخطاب المذكور للاطلاع واتخاذ اللازم، ولم تردنا إفادتكم حتى ساعته. نأمل إنجازه في موعده أو بيان أسباب التأخير.
            """) : ("Reminder of a letter that is still open: ", $"""
            To whoever deals with {letter.Number},

            The letter was referred to you, and we have not heard what was done about it. Please deal with it in time, or tell us what holds it up.
            """), from.IsArabic ? "الموظف المختص" : "The officer responsible"));
    }

    private static JsonObject Write(SampleLetter from, string direction, string confidentiality, (string Begin, string Body) text, string recipient) => new()
    {
        ["direction"] = direction,
        ["language"] = from["language"],
        ["urgency"] = "normal",
        ["confidentiality"] = confidentiality,
        ["subject"] = text.Begin + from.Subject,
        ["body"] = text.Body,
        ["sender"] = new JsonObject { ["name"] = from.IsArabic ? "الهيئة العامة للخدمات البلدية" : "General Authority for Municipal Services" },
        ["recipients"] = new JsonArray(recipient),
    };
}
