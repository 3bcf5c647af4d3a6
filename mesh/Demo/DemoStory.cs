using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tarasol.Mesh.Demo;

/// <summary>A tenant of its own, three units, five users, the sample letters, two approvers. Throws <see cref="MeshException"/> at the first thing that is not as expected.</summary>
internal sealed class DemoStory(Words words)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private long began;
    private string said = "";

    /// <summary>What is under way, for the message when time runs out.</summary>
    public string Doing { get; private set; } = "";

    public async Task RunAsync(GatewayClient gateway, Account platform, CancellationToken deadline)
    {
        Begin(words.Of("waiting for the gateway", "انتظار البوابة"));
        await gateway.WaitHealthyAsync();
        var people = await MakeTenantAsync(gateway, platform, deadline);
        var units = await MakeUnitsAsync(gateway, people.Admin);
        await MakeUsersAsync(gateway, people, units);
        var letters = await RegisterAsync(gateway, people.Clerk, units);
        await RouteAsync(gateway, people, letters);
        await DecideAsync(gateway, people.Head, 1, letters, deadline);
        await DecideAsync(gateway, people.Signatory, 2, [.. letters.Where(letter => letter.Sample.Outcome != "returned")], deadline);
        await SeeTimelinesAsync(gateway, people.Clerk, letters, deadline);
        await SeeAuditAsync(gateway, people.Auditor, letters, deadline);
        CheckNumbers(letters);
        Show(letters);
        Screen.Done(words.Of("{0} letters, {1} numbers, {2} decisions: everything was as expected", "{0} خطابا و{1} رقما و{2} قرارا: كل شيء كما هو متوقع",
            letters.Count, letters.Count(letter => letter.Number is not null), letters.Sum(letter => letter.Decisions)), watch.Elapsed);
        if (gateway.Repeated > 0)
            Screen.Warn(words.Of("{0} calls had to be made again because the mesh did not answer", "أعيد {0} نداء لأن الشبكة لم تجب", gateway.Repeated));
    }

    private async Task<People> MakeTenantAsync(GatewayClient gateway, Account platform, CancellationToken deadline)
    {
        var slug = $"demo-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}";
        Begin(words.Of("making the tenant {0}", "إنشاء الجهة {0}", slug));
        var people = new People(slug);
        await gateway.PostAsync(platform, "/api/tenant/tenants", new
        {
            slug, nameAr = "الهيئة العامة للخدمات البلدية", nameEn = "General Authority for Municipal Services", adminUserName = people.Admin.UserName, adminPassword = people.Admin.Password,
        }, HttpStatusCode.Created, HttpStatusCode.Accepted);
        await UntilAsync(async () => (await gateway.GetAsync(platform, $"/api/tenant/tenants/{slug}")).GetProperty("status").GetString() switch
        {
            "active" => true,
            "failed" => throw new MeshException(words.Of("the tenant {0} could not be set up: see `mesh logs tenant`", "تعذر إعداد الجهة {0}: انظر mesh logs tenant", slug)),
            _ => false,
        }, deadline);
        Done();
        return people;
    }

    private async Task<Dictionary<string, string>> MakeUnitsAsync(GatewayClient gateway, Account admin)
    {
        Begin(words.Of("making three units", "إنشاء ثلاث وحدات تنظيمية"));
        var units = new Dictionary<string, string>();
        units["registry"] = await UnitAsync("REG", "مركز الاتصالات الإدارية", "Registry", null);
        units["services"] = await UnitAsync("SRV", "إدارة خدمات المستفيدين", "Beneficiary Services", units["registry"]);
        units["legal"] = await UnitAsync("LEG", "الشؤون القانونية والمالية", "Legal and Financial Affairs", units["registry"]);
        Done();
        return units;

        async Task<string> UnitAsync(string code, string nameAr, string nameEn, string? parentId)
        {
            var answer = await gateway.PostAsync(admin, "/api/directory/units", new { code, nameAr, nameEn, parentId }, HttpStatusCode.Created);
            if (answer.Status == HttpStatusCode.Created)
                return Id(answer.Body);
            // An earlier try made it and its answer was lost.
            var listed = await gateway.GetAsync(admin, "/api/directory/units?limit=200");
            return Id(listed.GetProperty("items").EnumerateArray().First(unit => unit.GetProperty("code").GetString() == code));
        }
    }

    private async Task MakeUsersAsync(GatewayClient gateway, People people, Dictionary<string, string> units)
    {
        Begin(words.Of("making five users", "إنشاء خمسة مستخدمين"));
        foreach (var person in people.Staff)
        {
            await gateway.PostAsync(people.Admin, "/api/identity/users", new
            {
                userName = person.Account.UserName, password = person.Account.Password, displayNameAr = person.NameAr, displayNameEn = person.NameEn, roles = person.Roles, clearance = 3, unitId = units[person.Unit],
            }, HttpStatusCode.Created);
        }

        Done();
    }

    private async Task<List<DemoLetter>> RegisterAsync(GatewayClient gateway, Account clerk, Dictionary<string, string> units)
    {
        var samples = SampleLetter.Load();
        Begin(words.Of("registering {0} letters", "تسجيل {0} خطابا", samples.Count));
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var letters = new List<DemoLetter>();
        foreach (var sample in samples)
        {
            var body = (JsonObject)sample.Letter.DeepClone();
            body["documentDate"] = $"{today.AddDays(-sample.DaysAgo):yyyy-MM-dd}";
            body["ownerUnitId"] = units[sample.Unit];
            var sent = DateTimeOffset.UtcNow;
            var answer = await gateway.PostAsync(clerk, "/api/correspondence/letters", body, HttpStatusCode.Created);
            var letter = new DemoLetter(sample, Id(answer.Body), sent) { Number = Text(answer.Body, "referenceNumber") };
            Expect(letter.Number is not null == sample.IsIncoming, letter, words.Of(
                "the answer to the registration has the number '{0}'; an incoming letter gets one at registration, the others at approval",
                "رقم الخطاب في جواب التسجيل '{0}'؛ الوارد يأخذ رقمه عند التسجيل وغيره عند الاعتماد", letter.Number));
            letters.Add(letter);
        }

        Done();
        return letters;
    }

    private async Task RouteAsync(GatewayClient gateway, People people, List<DemoLetter> letters)
    {
        Begin(words.Of("sending each letter to two approvers", "إحالة كل خطاب إلى معتمدَين"));
        foreach (var letter in letters)
        {
            await gateway.PostAsync(people.Clerk, $"/api/correspondence/letters/{letter.Id}/routing", new
            {
                steps = new[] { Step(people.Head), Step(people.Signatory) },
            }, HttpStatusCode.Accepted);
        }

        Done();

        static object Step(Account approver) => new { kind = "approve", assignee = approver.UserName, dueInHours = 24 };
    }

    private async Task DecideAsync(GatewayClient gateway, Account approver, int step, List<DemoLetter> letters, CancellationToken deadline)
    {
        Begin(words.Of("{0} decides {1} letters", "{0} يبت في {1} خطابا", approver.UserName, letters.Count));
        var waiting = letters.ToDictionary(letter => letter.Id);
        await UntilAsync(async () =>
        {
            foreach (var task in await TasksAsync(gateway, approver))
            {
                if (!waiting.TryGetValue(task.GetProperty("letterId").GetString()!, out var letter))
                    continue;
                var decision = Decision(letter.Sample.Outcome, step);
                var comment = decision == "approve" ? words.Of("Approved.", "لا مانع، يعتمد.") : words.Of(letter.Sample.Comment!.En, letter.Sample.Comment.Ar);
                await gateway.PostAsync(approver, $"/api/task/tasks/{Id(task)}/decision", new { decision, comment }, HttpStatusCode.NoContent);
                letter.Decisions++;
                waiting.Remove(letter.Id);
            }

            return waiting.Count == 0;
        }, deadline);
        Done();
    }

    private static string Decision(string outcome, int step) => (outcome, step) switch
    {
        ("returned", 1) => "return",
        ("rejected", 2) => "reject",
        _ => "approve",
    };

    private static async Task<List<JsonElement>> TasksAsync(GatewayClient gateway, Account approver)
    {
        var tasks = new List<JsonElement>();
        for (var query = "state=open&limit=200"; query is not null;)
        {
            var page = await gateway.GetAsync(approver, $"/api/task/tasks?{query}");
            tasks.AddRange(page.GetProperty("items").EnumerateArray());
            query = Text(page, "next") is { } next ? $"state=open&limit=200&cursor={Uri.EscapeDataString(next)}" : null;
        }

        return tasks;
    }

    private async Task SeeTimelinesAsync(GatewayClient gateway, Account clerk, List<DemoLetter> letters, CancellationToken deadline)
    {
        Begin(words.Of("reading the timelines", "قراءة السجلات الزمنية"));
        foreach (var letter in letters)
        {
            var expected = letter.ExpectedTimeline;
            await UntilAsync(async () =>
            {
                var items = (await gateway.GetAsync(clerk, $"/api/correspondence/letters/{letter.Id}/timeline")).GetProperty("items").EnumerateArray().Select(TimelineEntry.Read).ToList();
                letter.Timeline = items;
                Doing = words.Of("waiting for the timeline of '{0}': expected {1}; it is {2}", "انتظار سجل '{0}': المتوقع {1}؛ والموجود {2}",
                    letter.Sample.Subject, string.Join(", ", expected), string.Join(", ", items.Select(item => item.Kind)));
                return items.Any(item => item.Kind == "completed");
            }, deadline);
            var kinds = letter.Timeline.Select(item => item.Kind).Order(StringComparer.Ordinal).ToList();
            Expect(kinds.SequenceEqual(expected), letter, words.Of("its timeline has {0}, not {1}", "في سجله الزمني {0} لا {1}", string.Join(", ", kinds), string.Join(", ", expected)));
            Expect(letter.Timeline.SequenceEqual(letter.Timeline.OrderBy(item => item.At)), letter, words.Of("its timeline is not in order", "سجله الزمني غير مرتب"));
            Expect(letter.Timeline.All(item => item.Actor.Length > 0), letter, words.Of("an entry of its timeline names no actor", "في سجله الزمني مدخل بلا فاعل"));
            var final = await gateway.GetAsync(clerk, $"/api/correspondence/letters/{letter.Id}");
            var before = letter.Number;
            letter.Number = Text(final, "referenceNumber");
            letter.Status = Text(final, "status") ?? "";
            Expect(before is null || before == letter.Number, letter, words.Of("its number changed from {0} to {1}", "تغير رقمه من {0} إلى {1}", before, letter.Number));
            Expect(letter.Number is not null == letter.Sample.EndsNumbered, letter, words.Of("its number is '{0}' although it was {1}", "رقمه '{0}' مع أنه {1}", letter.Number, letter.Sample.Outcome));
            Expect(letter.Status == letter.Sample.Outcome, letter, words.Of("its status is {0}, not {1}", "حالته {0} لا {1}", letter.Status, letter.Sample.Outcome));
        }

        Done();
    }

    private async Task SeeAuditAsync(GatewayClient gateway, Account auditor, List<DemoLetter> letters, CancellationToken deadline)
    {
        Begin(words.Of("reading the audit trail", "قراءة سجل التدقيق"));
        foreach (var letter in letters)
        {
            await UntilAsync(async () =>
            {
                letter.Audit = [.. (await gateway.GetAsync(auditor, $"/api/audit/events?subject={letter.Id}&limit=200")).GetProperty("items").EnumerateArray().Select(AuditEntry.Read)];
                Doing = words.Of("waiting for the audit trail of '{0}': it has {1}", "انتظار سجل تدقيق '{0}': فيه {1}",
                    letter.Sample.Subject, string.Join(", ", letter.Audit.Select(entry => entry.Type)));
                return letter.ExpectedEvents.All(expected => letter.Audit.Count(entry => entry.Type == expected.Key) >= expected.Value);
            }, deadline);
            foreach (var (type, count) in letter.ExpectedEvents)
            {
                var seen = letter.Audit.Count(entry => entry.Type == type);
                Expect(seen == count, letter, words.Of("the audit trail has {0} {1} times, not {2}", "في سجل التدقيق {0} عدد {1} لا {2}", type, seen, count));
            }
        }

        var verified = await gateway.GetAsync(auditor, "/api/audit/verify");
        if (!verified.GetProperty("verified").GetBoolean())
            throw new MeshException(words.Of("the audit trail does not verify: {0}", "سجل التدقيق لا يجتاز التحقق: {0}", verified.GetRawText()));
        Done();
    }

    private void CheckNumbers(List<DemoLetter> letters)
    {
        if (letters.Where(letter => letter.Number is not null).GroupBy(letter => letter.Number).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new MeshException(words.Of("the number {0} was given to {1} letters", "الرقم {0} أعطي لعدد {1} من الخطابات", twice.Key, twice.Count()));
        // The tenant is new, so each of its series began at 1; there is one for each direction.
        foreach (var series in letters.Where(letter => letter.Number is not null).GroupBy(letter => letter.Sample.Letter["direction"]!.GetValue<string>()))
        {
            var used = series.Select(letter => Sequence(letter.Number!)).Order().ToList();
            if (!used.SequenceEqual(Enumerable.Range(1, used.Count)))
                throw new MeshException(words.Of("the {0} letters have the numbers {1}: one was skipped", "أرقام خطابات {0} هي {1}: تُرك رقم", series.Key, string.Join(", ", series.Select(letter => letter.Number).Order())));
        }
    }

    private void Show(List<DemoLetter> letters)
    {
        foreach (var letter in letters)
        {
            Screen.Say("");
            Screen.Say($"{letter.Number ?? words.Of("(no number)", "(بلا رقم)")}  {letter.Sample.Letter["direction"]}  {letter.Status}  {letter.Sample.Subject}");
            foreach (var entry in letter.Timeline)
                Screen.Say($"  {entry.At:HH:mm:ss.fff}  +{(entry.At - letter.Sent).TotalSeconds,6:0.00} s  {entry.Kind,-20} {entry.Actor}");
        }

        var delays = letters.Select(letter => letter.Audit.First(entry => entry.Type == DemoLetter.Registered).ReceivedAt - letter.Sent).Select(delay => delay.TotalMilliseconds).Order().ToList();
        Screen.Say("");
        Screen.Say(words.Of("from the request to the event in the audit trail: median {0:0} ms, slowest {1:0} ms", "من الطلب إلى الحدث في سجل التدقيق: الوسيط {0:0} م.ث، والأبطأ {1:0} م.ث", delays[delays.Count / 2], delays[^1]));
    }

    private void Begin(string what)
    {
        Doing = what;
        began = Stopwatch.GetTimestamp();
        said = what;
    }

    private void Done() => Screen.Done(said, Stopwatch.GetElapsedTime(began));

    private void Expect(bool holds, DemoLetter letter, string problem)
    {
        if (!holds)
            throw new MeshException(words.Of("letter '{0}' ({1}): {2}", "الخطاب '{0}' ({1}): {2}", letter.Sample.Subject, letter.Id, problem));
    }

    private static async Task UntilAsync(Func<Task<bool>> seen, CancellationToken deadline)
    {
        while (!await seen())
            await Task.Delay(PollInterval, deadline);
    }

    private static int Sequence(string number) =>
        int.TryParse(number[(number.LastIndexOfAny(['/', '-']) + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) ? sequence : 0;

    private static string Id(JsonElement element) => element.GetProperty("id").GetString()!;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
