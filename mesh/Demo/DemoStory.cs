using System.Diagnostics;

namespace Tarasol.Mesh.Demo;

/// <summary>A day in an organisation of its own: three units, twelve people, sixty letters. Throws <see cref="MeshException"/> at the first thing that is not as expected.</summary>
internal sealed class DemoStory(Words words)
{
    private const int LetterCount = 60;

    // Told from beginning to end; of the others one line each.
    private static readonly string[] AtLength =
    [
        "licence-bakery", Morning.Twice, $"{Morning.Twice}-again", Morning.Misdirected, Morning.Secret, Morning.Overdue, "reply-to-complaint", "request-for-overtime", "memo-budget-transfer",
        "tender-award", "notice-of-road-closure", "notice-of-road-closure-corrected",
    ];

    private readonly Stopwatch watch = Stopwatch.StartNew();
    private Day? day;

    /// <summary>What is under way, for the message when time runs out.</summary>
    public string Doing => day?.Doing ?? words.Of("waiting for the gateway", "انتظار البوابة");

    public async Task RunAsync(GatewayClient gateway, Account platform, CancellationToken deadline)
    {
        await gateway.WaitHealthyAsync();
        day = new Day(gateway, words, deadline);
        var desk = new Desk(day);
        var decisions = new Decisions(day);
        Screen.Say(words.Of("A day in an organisation. The hours are those of the story; the times in the timelines are real.", "يوم في جهة. الساعات ساعات القصة، أما الأوقات في السجلات الزمنية فحقيقية."));
        await new BeforeOpening(day).RunAsync(platform);
        await new Morning(day, desk).RunAsync();
        await new Midday(day, desk).RunAsync();
        day.Hour("12:00", "Approval and signature", "الاعتماد والتوقيع");
        await decisions.RunAsync(deadline);
        await new Afternoon(day, desk, decisions).RunAsync(deadline);
        await new Evening(day).RunAsync();
        day.Expect(day.Letters.Count == LetterCount, "there were {0} letters, not {1}", "عدد الخطابات {0} لا {1}", day.Letters.Count, LetterCount);
        Show(day);
        Screen.Done(words.Of("{0} letters, {1} numbers, {2} decisions: everything was as expected", "{0} خطابا و{1} رقما و{2} قرارا: كل شيء كما هو متوقع",
            day.Letters.Count, day.Letters.Count(letter => letter.Number is not null), day.Letters.Sum(letter => letter.Decisions)), watch.Elapsed);
        if (gateway.Repeated > 0)
            Screen.Warn(words.Of("{0} calls had to be made again because the mesh did not answer", "أعيد {0} نداء لأن الشبكة لم تجب", gateway.Repeated));
    }

    private void Show(Day told)
    {
        Screen.Say("");
        Screen.Say(words.Of("The register of the day", "سجل اليوم"));
        foreach (var letter in told.Letters.OrderBy(letter => letter.Number ?? "~", StringComparer.Ordinal))
            Screen.Say(Line(letter));
        foreach (var letter in told.Letters.Where(letter => AtLength.Contains(letter.Sample.Name)))
        {
            Screen.Say("");
            Screen.Say(Line(letter));
            foreach (var entry in letter.Timeline)
            {
                var who = entry.OnBehalfOf is { } principal ? words.Of("{0} on behalf of {1}", "{0} نيابة عن {1}", entry.Actor, principal) : entry.Actor;
                Screen.Say($"  {entry.At:HH:mm:ss.fff}  +{(entry.At - letter.Sent).TotalSeconds,6:0.00} s  {entry.Kind,-20} {who}{(entry.Target is { } target ? $" → {target}" : "")}");
            }
        }

        var delays = told.Letters.Select(letter => letter.Audit.First(entry => entry.Type == DemoLetter.Registered).ReceivedAt - letter.Sent).Select(delay => delay.TotalMilliseconds).Order().ToList();
        Screen.Say("");
        Screen.Say(words.Of("from the request to the event in the audit trail: median {0:0} ms, slowest {1:0} ms", "من الطلب إلى الحدث في سجل التدقيق: الوسيط {0:0} م.ث، والأبطأ {1:0} م.ث", delays[delays.Count / 2], delays[^1]));
    }

    private string Line(DemoLetter letter) => $"{letter.Number ?? words.Of("(no number)", "(بلا رقم)"),-20} {letter.Sample.Direction,-8} {letter.Status,-10} {letter.Sample.Subject}{(letter.Sample.Outcome == "duplicate" ? words.Of(" (void)", " (ملغى)") : "")}";
}
