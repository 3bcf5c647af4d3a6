using System.Net;
using System.Text.Json;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class SettingsStories(SharedMesh shared)
{
    private static readonly object Branch = new { code = "branch", nameAr = "الفرع", nameEn = "Branch", kind = "list", mandatory = true, choices = new[] { Choice("riyadh", "الرياض", "Riyadh"), Choice("jeddah", "جدة", "Jeddah") } };
    private static readonly object Amount = new { code = "amount", nameAr = "المبلغ", nameEn = "Amount", kind = "number", mandatory = true };

    [Fact]
    public async Task نوع_خطاب_بحقول_خاصة_تتغير_نسخته_ويبقى_القديم_على_نموذجه()
    {
        var office = await Office.OpenAsync(shared, "story-fields", "ar");
        var clerk = await office.HireAsync("huda", "registry-clerk");
        var type = await office.PublishLetterTypeAsync("complaint", new { nameAr = "شكوى", nameEn = "Complaint", fields = new[] { Branch } });
        var paper = new Paper("incoming", "شكوى من تأخر الخدمة") { LetterType = "complaint", Fields = new Dictionary<string, object> { ["branch"] = "riyadh" } };
        var old = await SoonRegisteredAsync(paper);

        await Office.IsInvalidAsync("fields.branch", "الفرع مطلوب", () => clerk.RegistersAsync(paper with { Fields = null }));
        await Office.IsInvalidAsync("fields.branch", "الفرع يجب أن يكون واحدا من: riyadh, jeddah", () => clerk.RegistersAsync(paper with { Fields = new Dictionary<string, object> { ["branch"] = "dammam" } }));
        await Office.IsInvalidAsync("fields.amount", "ليس حقلا في هذا النوع من الخطابات", () => clerk.RegistersAsync(paper with { Fields = new Dictionary<string, object> { ["branch"] = "jeddah", ["amount"] = 100 } }));

        // A second version asks for more; a draft of it changes nothing yet.
        await office.Administrator.DoAsync(HttpMethod.Put, $"/api/admin/letter-types/{type}/draft", new { nameAr = "شكوى مالية", nameEn = "Complaint about money", fields = new[] { Branch, Amount } });
        await clerk.RegistersAsync(paper);
        await office.Administrator.DoAsync(HttpMethod.Post, $"/api/admin/letter-types/{type}/publication");
        var renewed = await SoonRegisteredAsync(paper with { Fields = new Dictionary<string, object> { ["branch"] = "jeddah", ["amount"] = 1250.5m } });
        await Office.IsInvalidAsync("fields.amount", "المبلغ مطلوب", () => clerk.RegistersAsync(paper));

        await IsOfVersionAsync(old, 1, "شكوى", ["branch"], """{"branch":"riyadh"}""");
        await IsOfVersionAsync(renewed, 2, "شكوى مالية", ["branch", "amount"], """{"branch":"jeddah","amount":1250.5}""");
        await Office.IsInvalidAsync("fields.amount", "ليس حقلا في هذا النوع من الخطابات", () => clerk.CorrectsAsync(old, new { fields = new { amount = 5 } }));

        async Task IsOfVersionAsync(Letter letter, int version, string name, IReadOnlyList<string> fields, string values)
        {
            var seen = await clerk.ReadsAsync(letter);
            var form = seen.GetProperty("letterType");
            Assert.Equal((version, name), (form.GetProperty("version").GetInt32(), form.Text("nameAr")));
            Assert.Equal(fields, form.GetProperty("fields").EnumerateArray().Select(field => field.Text("code")));
            Assert.Equal(values, seen.GetProperty("fields").GetRawText());
        }

        // The registry learns of a new version a moment after it was published.
        async Task<Letter> SoonRegisteredAsync(Paper wanted)
        {
            Letter? letter = null;
            await office.UntilAsync(async () =>
            {
                try
                {
                    letter = await clerk.RegistersAsync(wanted);
                    return true;
                }
                catch (RefusedException refused) when (refused.Answer.Status == HttpStatusCode.BadRequest)
                {
                    return false;
                }
            }, "the letter type to be known");
            return letter!;
        }
    }

    [Fact]
    public async Task The_settings_of_one_organisation_are_taken_over_by_another_as_one_document()
    {
        var offices = await Task.WhenAll(Office.OpenAsync(shared, "story-settings", "en"), Office.OpenAsync(shared, "story-settings-too", "en"));
        var (from, to) = (offices[0].Administrator, offices[1].Administrator);
        await offices[0].PublishLetterTypeAsync("complaint", new { nameAr = "شكوى", nameEn = "Complaint", fields = new[] { Branch, Amount }, directions = new[] { "incoming" } });
        await offices[0].PublishCalendarAsync(new { weekend = new[] { "friday" }, holidays = new[] { new { calendar = "hijri", month = 10, day = 1, days = 4, nameAr = "عيد الفطر", nameEn = "Eid al-Fitr" } } });
        await from.DoAsync(HttpMethod.Put, "/api/admin/classification/draft", new { classes = new[] { new { classId = "1", titleAr = "الشؤون الإدارية", titleEn = "Administration" } } });
        await from.DoAsync(HttpMethod.Post, "/api/admin/classification/publication");
        var document = await from.DoAsync(HttpMethod.Get, "/api/admin/settings");

        var taken = await to.DoAsync(HttpMethod.Put, "/api/admin/settings", document);
        Assert.Equal((3, 0), (taken.GetProperty("published").GetInt32(), taken.GetProperty("drafted").GetInt32()));
        Assert.Equal(document.GetRawText(), (await to.DoAsync(HttpMethod.Get, "/api/admin/settings")).GetRawText());
        var again = await to.DoAsync(HttpMethod.Put, "/api/admin/settings", document);
        Assert.Equal(0, again.GetProperty("published").GetInt32());

        // One wrong word, and nothing of the document is taken.
        var spoilt = JsonElement.Parse(document.GetRawText().Replace("\"friday\"", "\"someday\"", StringComparison.Ordinal).Replace("Complaint", "Grievance", StringComparison.Ordinal));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => to.DoAsync(HttpMethod.Put, "/api/admin/settings", spoilt));
        Assert.Contains("calendars[0].published.weekend[0]", refused.Answer.IsProblem(HttpStatusCode.BadRequest, "invalid-request").GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal(document.GetRawText(), (await to.DoAsync(HttpMethod.Get, "/api/admin/settings")).GetRawText());
    }

    private static object Choice(string code, string nameAr, string nameEn) => new { code, nameAr, nameEn };
}
