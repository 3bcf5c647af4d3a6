using System.Globalization;
using Spectre.Console;
using Tarasol.Mesh.VerifyRegister;

namespace Tarasol.Mesh.Demo;

/// <summary>What is left in the inboxes, and whether everything is told as it was done: register, audit trail, timelines, who stood in for whom, what nobody else may see.</summary>
internal sealed class Evening(Day day)
{
    public async Task RunAsync()
    {
        day.Hour("16:00", "The day ends", "نهاية اليوم");
        await day.StepAsync(day.Words.Of("the inboxes hold what is left for tomorrow, and nothing else", "في صناديق الوارد ما بقي للغد لا غير"), CountAsync);
        await day.StepAsync(day.Words.Of("the secret letter does not exist for whoever is not cleared for it", "الخطاب السري غير موجود لمن ليس لديه تصريح به"), HideAsync);
        await day.StepAsync(day.Words.Of("{0} decisions were taken on behalf of {1}, and why is known", "{0} قرارات اتُّخذت نيابة عن {1}، وسندها معلوم", day.OnBehalf.Count, day.People.Head), ProveAuthorityAsync);
        await day.StepAsync(day.Words.Of("the numbers are without gap, and the register proves it", "الأرقام متصلة والسجل يثبت ذلك"), VerifyRegisterAsync);
        await day.StepAsync(day.Words.Of("the audit trail has every event once, and its chain verifies", "سجل التدقيق فيه كل حدث مرة واحدة وسلسلته سليمة"), far => VerifyAuditAsync(far));
        await day.EachAsync(day.Words.Of("{0} timelines tell what was done", "{0} سجلا زمنيا تروي ما تم", day.Letters.Count), day.Letters, SeeTimelineAsync);
    }

    private async Task CountAsync()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("", day.Words.Of("to do", "للإنجاز"), day.Words.Of("unread", "غير مقروء"), day.Words.Of("overdue", "متأخر"), day.Words.Of("on behalf", "بالنيابة"),
            day.Words.Of("by others", "لدى غيره"));
        var left = day.Letters.SelectMany(letter => letter.Referrals).Where(referral => referral.Answer is null).ToList();
        var informed = day.Letters.Count(letter => letter.ByCircuit && letter.Sample["urgency"] == "very-urgent");
        foreach (var person in day.People.Staff.Select(each => each.Account).Where(each => each != day.People.Auditor))
        {
            var toDo = left.Count(referral => referral.Receiver == person) + (person == day.People.PrivateOffice ? informed : 0);
            var others = person == day.People.Head ? day.OnBehalf.Count : 0;
            // What is over is taken away a moment later.
            await day.UntilAsync(async () =>
            {
                var counts = await day.Gateway.GetAsync(person, "/api/task/inbox/counts");
                if (Of("toDo") != toDo || Of("byOthers") != others || Of("overdue") + Of("onBehalf") > 0)
                    return false;
                table.AddRow(new[] { "toDo", "unread", "overdue", "onBehalf", "byOthers" }.Select(view => Of(view).ToString(CultureInfo.InvariantCulture)).Prepend(person.UserName).ToArray());
                return true;

                int Of(string view) => counts.GetProperty(view).GetInt32();
            });
        }

        Screen.Show(table);
    }

    private async Task HideAsync()
    {
        var secret = day.Letter(Morning.Secret);
        day.Expect(await day.Gateway.IsHiddenAsync(day.People.SecondClerk, $"/api/correspondence/letters/{secret.Id}"), secret, day.Words.Of("somebody sees it who is not cleared for it", "اطلع عليه من ليس لديه تصريح به"));
        var seen = (await day.ListAsync(day.People.SecondClerk, "/api/correspondence/letters")).Count;
        var may = day.Letters.Count(letter => letter.Sample["confidentiality"] is "normal" or "restricted");
        day.Expect(seen == may, "{0} sees {1} letters, not {2}", "يرى {0} عدد {1} خطابا لا {2}", day.People.SecondClerk, seen, may);
        Day.Tell(day.Words.Of("{0} sees {1} of {2} letters", "يرى {0} عدد {1} من {2} خطابا", day.People.SecondClerk, seen, day.Letters.Count));
    }

    private async Task ProveAuthorityAsync()
    {
        day.Expect(day.OnBehalf.Count > 0, "nothing was decided on behalf of {0}", "لم يُبت في شيء نيابة عن {0}", day.People.Head);
        var authority = await day.Gateway.GetAsync(day.People.Auditor, $"/api/delegation/authority?user={day.People.Head}&on={DateTime.UtcNow:yyyy-MM-dd}");
        var why = authority.Items().Where(item => item.Text("basis") == "delegation" && item.Text("person") == day.People.Deputy.UserName).SelectMany(item => item.GetProperty("why").EnumerateArray()).ToList();
        day.Expect(why.Count > 0, "the authority of {0} is not told: {1}", "لم تُذكر صلاحية {0}: {1}", day.People.Deputy, authority.GetRawText());
        foreach (var reason in why.Select(each => each.GetString()!).Distinct())
            Day.Tell(reason);
    }

    private async Task VerifyRegisterAsync()
    {
        foreach (var item in await day.ListAsync(day.People.Clerk, "/api/correspondence/letters"))
        {
            var letter = day.Letters.First(each => each.Id == item.Id());
            (letter.Status, letter.Number) = (item.Text("status")!, item.Text("referenceNumber"));
            day.Expect(letter.Number is not null == letter.Sample.EndsNumbered, letter, day.Words.Of("it is {0} and has the number '{1}'", "حالته {0} ورقمه '{1}'", letter.Status, letter.Number));
            day.Expect(letter.Status == StatusOf(letter), letter, day.Words.Of("its status is {0}, not {1}", "حالته {0} لا {1}", letter.Status, StatusOf(letter)));
        }

        var numbered = day.Letters.Where(letter => letter.Number is not null).ToList();
        if (numbered.GroupBy(letter => letter.Number).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new MeshException(day.Words.Of("the number {0} was given to {1} letters", "الرقم {0} أعطي لعدد {1} من الخطابات", twice.Key, twice.Count()));
        // The tenant is new, so each of its series began at 1; there is one for each direction.
        foreach (var series in numbered.GroupBy(letter => letter.Sample.Direction))
        {
            var used = series.Select(letter => Sequence(letter.Number!)).Order().ToList();
            day.Expect(used.SequenceEqual(Enumerable.Range(1, used.Count)), "the {0} letters have the numbers {1}: one was skipped", "أرقام خطابات {0} هي {1}: تُرك رقم", series.Key,
                string.Join(", ", series.Select(letter => letter.Number).Order()));
        }

        var export = await day.Gateway.GetTextAsync(day.People.Auditor, "/api/numbering/register/export");
        var report = RegisterCheck.Check(export.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        day.Expect(report.Findings.Count == 0, "the register is not right: {0}", "السجل غير صحيح: {0}", string.Join("; ", report.Findings));
        var voided = report.Chains.Values.Sum(chain => chain.Periods.Sum(period => period.Void));
        day.Expect(voided == 1, "the register has {0} void numbers, not one", "في السجل {0} أرقام ملغاة لا رقم واحد", voided);
        Day.Tell(day.Words.Of("{0} entries, {1} numbers, {2} of them void", "{0} قيدا و{1} رقما، منها {2} ملغى", report.Chains.Values.Sum(chain => chain.Position), numbered.Count, voided));
    }

    private async Task VerifyAuditAsync(Action<string> far)
    {
        var (entries, wanted) = (new List<AuditEntry>(), day.Letters.ToDictionary(letter => letter.Id, letter => letter.ExpectedEvents.Count));
        var missing = new List<DemoLetter>(day.Letters);
        await day.UntilAsync(async () =>
        {
            // It only grows: what was read is not read again.
            for (var count = -1; count != entries.Count;)
            {
                count = entries.Count;
                var cursor = count == 0 ? "" : $"&cursor={entries[^1].Sequence}";
                entries.AddRange((await day.Gateway.GetAsync(day.People.Auditor, $"/api/audit/events?limit=200{cursor}")).Items().Select(AuditEntry.Read));
                far(day.Words.Of("{0} entries", "{0} قيدا", entries.Count));
            }

            foreach (var group in entries.Where(entry => entry.LetterId is not null && wanted.ContainsKey(entry.LetterId)).GroupBy(entry => entry.LetterId!))
                day.Letters.First(letter => letter.Id == group.Key).Audit = [.. group];
            missing.RemoveAll(letter => Told(letter).Count >= letter.ExpectedEvents.Count);
            return missing.Count == 0 && entries.Exists(entry => entry.Type == Afternoon.Escalated);
        });
        foreach (var letter in day.Letters)
        {
            day.Expect(Told(letter).SequenceEqual(letter.ExpectedEvents), letter, day.Words.Of("the audit trail has {0}; what was done is {1}", "في سجل التدقيق {0}، والذي تم هو {1}",
                string.Join(", ", Told(letter)), string.Join(", ", letter.ExpectedEvents)));
        }

        var escalated = day.Letter(Morning.Overdue).Audit.Count(entry => entry.Type == Afternoon.Escalated);
        day.Expect(escalated == 1, "the audit trail has {0} escalations of the overdue letter, not one", "في سجل التدقيق {0} تصعيدات للخطاب المتأخر لا واحد", escalated);
        var verified = await day.Gateway.GetAsync(day.People.Auditor, "/api/audit/verify");
        day.Expect(verified.GetProperty("verified").GetBoolean(), "the audit trail does not verify: {0}", "سجل التدقيق لا يجتاز التحقق: {0}", verified.GetRawText());
        Day.Tell(day.Words.Of("{0} entries, the last hash is {1}", "{0} قيدا، وآخر بصمة {1}", verified.GetProperty("count"), verified.Text("head")));
    }

    private async Task SeeTimelineAsync(DemoLetter letter)
    {
        var expected = letter.ExpectedTimeline;
        await day.UntilAsync(async () =>
        {
            letter.Timeline = [.. (await day.ListAsync(day.People.Clerk, $"/api/correspondence/letters/{letter.Id}/timeline")).Select(TimelineEntry.Read)];
            return letter.Timeline.Count >= expected.Count;
        });
        var seen = letter.Timeline.Select(entry => entry.Kind).Order(StringComparer.Ordinal).ToList();
        day.Expect(seen.SequenceEqual(expected), letter, day.Words.Of("its timeline is {0}; what was done is {1}", "سجله الزمني {0}، والذي تم هو {1}", string.Join(", ", seen), string.Join(", ", expected)));
        var behalf = letter.Timeline.Count(entry => entry.OnBehalfOf == day.People.Head.UserName && entry.Actor == day.People.Deputy.UserName);
        day.Expect(behalf == day.OnBehalf.Count(each => each == letter), letter, day.Words.Of("its timeline tells {0} acts on behalf", "يذكر سجله الزمني {0} إجراء بالنيابة", behalf));
    }

    // What its tasks went through is told by the inboxes.
    private static List<string> Told(DemoLetter letter) =>
        [.. letter.Audit.Select(entry => entry.Type).Where(type => !type.StartsWith("task.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string StatusOf(DemoLetter letter) => letter.Sample.Outcome switch
    {
        "referred" => Morning.ForTomorrow.Contains(letter.Sample.Name) ? "registered" : "closed",
        "duplicate" => "closed",
        "corrected" => "approved",
        var outcome => outcome,
    };

    private static int Sequence(string number) =>
        int.TryParse(number[(number.LastIndexOfAny(['/', '-']) + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : 0;
}
