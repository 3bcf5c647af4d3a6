using System.Net;

namespace Tarasol.Mesh.Demo;

/// <summary>What an organisation sets up once: the tenant, units and their heads, people, a letter type with fields of its own, the circuit of outgoing letters, and who stands in for whom today.</summary>
internal sealed class BeforeOpening(Day day)
{
    public const string LicenceType = "licence-application";
    public const string Circuit = "outgoing";

    public async Task RunAsync(Account platform)
    {
        day.Hour("07:00", "Before the doors open", "قبل فتح الأبواب");
        await MakeTenantAsync(platform);
        await day.StepAsync(day.Words.Of("three units", "ثلاث وحدات تنظيمية"), MakeUnitsAsync);
        await day.EachAsync(day.Words.Of("{0} people", "{0} شخصا", day.People.Staff.Count), day.People.Staff, MakeUserAsync);
        await Task.WhenAll(
            day.StepAsync(day.Words.Of("their heads are in post", "رؤساء الوحدات في مناصبهم"), FillPositionsAsync),
            day.StepAsync(day.Words.Of("a letter type with fields of its own is published", "نشر نوع خطابات بحقول خاصة به"), PublishTypeAsync),
            day.StepAsync(day.Words.Of("the circuit for outgoing letters is published", "نشر مسار الخطابات الصادرة"), PublishCircuitAsync),
            day.StepAsync(
                day.Words.Of("{0} is on leave; {1} accepts to stand in", "{0} في إجازة؛ وقَبِل {1} أن ينوب عنه", day.People.Head, day.People.Deputy), DelegateAsync));
    }

    private async Task MakeTenantAsync(Account platform)
    {
        var slug = day.People.Tenant;
        await day.StepAsync(day.Words.Of("the tenant {0}", "الجهة {0}", slug), async () =>
        {
            await day.Gateway.PostAsync(platform, "/api/tenant/tenants", new
            {
                slug, nameAr = "الهيئة العامة للخدمات البلدية", nameEn = "General Authority for Municipal Services", adminUserName = day.People.Admin.UserName,
                adminPassword = day.People.Admin.Password,
            }, HttpStatusCode.Created, HttpStatusCode.Accepted);
            await day.UntilAsync(async () => (await day.Gateway.GetAsync(platform, $"/api/tenant/tenants/{slug}")).GetProperty("status").GetString() switch
            {
                "active" => true,
                "failed" => throw new MeshException(day.Words.Of("the tenant {0} could not be set up: see `mesh logs tenant`", "تعذر إعداد الجهة {0}: انظر mesh logs tenant", slug)),
                _ => false,
            });
        });
    }

    private async Task MakeUnitsAsync()
    {
        day.Units["registry"] = await UnitAsync("REG", "مركز الاتصالات الإدارية", "Registry", null);
        day.Units["services"] = await UnitAsync("SRV", "إدارة خدمات المستفيدين", "Beneficiary Services", day.Units["registry"]);
        day.Units["legal"] = await UnitAsync("LEG", "الشؤون القانونية والمالية", "Legal and Financial Affairs", day.Units["registry"]);
    }

    private async Task<string> UnitAsync(string code, string nameAr, string nameEn, string? parentId)
    {
        var answer = await day.Gateway.PostAsync(day.People.Admin, "/api/directory/units", new { code, nameAr, nameEn, parentId }, HttpStatusCode.Created);
        if (answer.Status == HttpStatusCode.Created)
            return answer.Body.Id();
        // An earlier try made it and its answer was lost.
        return (await day.ListAsync(day.People.Admin, "/api/directory/units")).First(unit => unit.Text("code") == code).Id();
    }

    private Task MakeUserAsync(Person person) => day.Gateway.PostAsync(day.People.Admin, "/api/identity/users", new
    {
        userName = person.Account.UserName, password = person.Account.Password, displayNameAr = person.NameAr, displayNameEn = person.NameEn, roles = person.Roles, clearance = person.Clearance,
        unitId = day.Units[person.Unit],
    }, HttpStatusCode.Created);

    private async Task FillPositionsAsync()
    {
        foreach (var head in day.People.Staff.Where(person => person.Account == day.People.HeadOf(person.Unit)))
        {
            var made = await day.Gateway.PostAsync(day.People.Admin, "/api/directory/positions", new { unitId = day.Units[head.Unit], role = "head", titleAr = head.NameAr, titleEn = head.NameEn },
                HttpStatusCode.Created);
            await day.Gateway.PostAsync(day.People.Admin, $"/api/directory/positions/{made.Body.Id()}/fill", new { userName = head.Account.UserName }, HttpStatusCode.NoContent);
        }
    }

    private async Task PublishTypeAsync()
    {
        var made = await day.Gateway.PostAsync(day.People.Admin, "/api/admin/letter-types", new
        {
            code = LicenceType,
            form = new
            {
                nameAr = "طلب ترخيص",
                nameEn = "Licence application",
                directions = new[] { "incoming" },
                fields = new object[]
                {
                    new
                    {
                        code = "activity", nameAr = "النشاط", nameEn = "Activity", kind = "list", mandatory = true,
                        choices = new[] { Choice("medical", "طبي", "Medical"), Choice("food", "غذائي", "Food"), Choice("industrial", "صناعي", "Industrial") },
                    },
                    new { code = "area", nameAr = "المساحة بالمتر المربع", nameEn = "Area in square metres", kind = "number", mandatory = true },
                    new { code = "applicant", nameAr = "مقدم الطلب", nameEn = "Applicant", kind = "party", mandatory = true },
                    new { code = "feePaid", nameAr = "سُدد الرسم", nameEn = "Fee paid", kind = "boolean" },
                },
                acknowledgement = new
                {
                    ar = "سُجل طلبكم برقم {number} بتاريخ {date}: {subject}.", en = "Your application was registered as {number} on {date}: {subject}.",
                },
            },
        }, HttpStatusCode.Created);
        await day.Gateway.PostAsync(day.People.Admin, $"/api/admin/letter-types/{made.Body.Id()}/publication", new { }, HttpStatusCode.OK);

        static object Choice(string code, string nameAr, string nameEn) => new { code, nameAr, nameEn };
    }

    private async Task PublishCircuitAsync()
    {
        var made = await day.Gateway.PostAsync(day.People.Admin, "/api/correspondence/circuits", new
        {
            code = Circuit,
            nameAr = "الخطابات الصادرة",
            nameEn = "Outgoing letters",
            steps = new object[]
            {
                new { key = "review", items = new[] { new { kind = "approve", assignee = new { type = "unit-head" }, dueInDays = 2 } } },
                new
                {
                    key = "private-office", items = new[] { new { kind = "inform", assignee = User(day.People.PrivateOffice) } },
                    when = new[] { new { field = "urgency", @is = "at-least", values = new[] { "very-urgent" } } },
                },
                new
                {
                    key = "legal", items = new[] { new { kind = "comment", assignee = User(day.People.LegalAdviser) } },
                    when = new[]
                    {
                        new { field = "confidentiality", @is = "at-least", values = new[] { "restricted" } }, new { field = "owner-unit", @is = "none-of", values = new[] { day.Units["legal"] } },
                    },
                },
                new { key = "signature", items = new[] { new { kind = "sign", assignee = User(day.People.Signatory), dueInDays = 1 } } },
            },
        }, HttpStatusCode.Created);
        await day.Gateway.PostAsync(day.People.Admin, $"/api/correspondence/circuits/{made.Body.Id()}/publish", new { }, HttpStatusCode.OK);

        static object User(Account account) => new { type = "user", user = account.UserName };
    }

    private async Task DelegateAsync()
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var made = await day.Gateway.PostAsync(day.People.Head, "/api/delegation/delegations", new
        {
            @delegate = day.People.Deputy.UserName, from = $"{today:yyyy-MM-dd}", until = $"{today.AddDays(6):yyyy-MM-dd}", confidentiality = "restricted",
            reason = day.Words.Of("Annual leave", "إجازة سنوية"), units = new[] { new { unitId = day.Units["services"], subtree = true } }, actions = new[] { "approve" },
        }, HttpStatusCode.Created);
        await day.Gateway.PostAsync(day.People.Deputy, $"/api/delegation/delegations/{made.Body.Id()}/accept", new { }, HttpStatusCode.NoContent);
    }
}
