using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>What an organisation sets up, on every database program.</summary>
internal static class SettingsFlows
{
    /// <summary>Every kind of setting drafted, discarded, published, listed and taken to another tenant as one document.</summary>
    public static async Task SettingsAsync(TestTenant tenant)
    {
        using var admin = await tenant.AdminAsync("admin");
        object Form(string nameEn) => new { nameAr = "فاتورة", nameEn, fields = new[] { new { code = "amount", nameAr = "المبلغ", nameEn = "Amount", kind = "number", mandatory = true } } };
        var type = await admin.MakeAsync("api/admin/letter-types", new { code = "invoice", form = Form("Invoice") });
        var memo = await admin.MakeAsync("api/admin/letter-types", new { code = "memo", form = Form("Memo") });
        await PublishAsync($"api/admin/letter-types/{type}");
        await PublishAsync($"api/admin/letter-types/{type}", Form("Bill"));
        await DiscardAsync($"api/admin/letter-types/{memo}", Form("Note"));
        Assert.Equal([type, memo], (await admin.PagesAsync("api/admin/letter-types?limit=1")).Ids());
        Assert.Equal(["Bill", "Invoice"], (await admin.PagesAsync($"api/admin/letter-types/{type}/versions?limit=1")).Select(version => version.GetProperty("form").Text("nameEn")));
        Assert.Equal("Bill", (await admin.ReadAsync($"api/admin/letter-types/{type}")).GetProperty("published").Text("nameEn"));

        object Calendar(string weekend) => new { weekend = new[] { weekend }, holidays = new[] { new { calendar = "hijri", month = 10, day = 1, days = 3, nameAr = "عيد الفطر", nameEn = "Eid al-Fitr" } } };
        foreach (var unitCode in new[] { null, "FIN" })
        {
            var calendar = await admin.MakeAsync("api/admin/calendars", new { unitCode, calendar = Calendar("friday") });
            await PublishAsync($"api/admin/calendars/{calendar}");
            await DiscardAsync($"api/admin/calendars/{calendar}", Calendar("sunday"));
            Assert.Equal(1, (await admin.ReadAsync($"api/admin/calendars/{calendar}")).GetProperty("version").GetInt32());
        }
        Assert.Equal(2, (await admin.PagesAsync("api/admin/calendars?limit=1")).Count);

        var classes = new { classes = new object[] { new { classId = "1", titleAr = "المالية", titleEn = "Finance" }, new { classId = "1.1", titleAr = "الفواتير", titleEn = "Invoices", parentId = "1" } } };
        await PublishAsync("api/admin/classification", classes);
        await DiscardAsync("api/admin/classification", new { classes = Array.Empty<object>() });
        Assert.Equal(1, (await admin.ReadAsync("api/admin/classification")).GetProperty("version").GetInt32());
        var name = new { ar = "اسم", en = "Name" };
        var names = new
        {
            urgency = new Dictionary<string, object> { ["normal"] = name, ["urgent"] = name, ["very-urgent"] = name },
            confidentiality = new Dictionary<string, object> { ["normal"] = name, ["restricted"] = name, ["secret"] = name, ["top-secret"] = name },
        };
        await DiscardAsync("api/admin/grade-names", names);
        await PublishAsync("api/admin/grade-names", names);
        Assert.Equal(1, (await admin.ReadAsync("api/admin/grade-names")).GetProperty("version").GetInt32());

        // What comes out goes in again and changes nothing.
        var exported = await admin.ReadAsync("api/admin/settings");
        var imported = await admin.DoAsync("PUT", "api/admin/settings", exported);
        Assert.Equal((0, 0), (imported.GetProperty("published").GetInt32(), imported.GetProperty("drafted").GetInt32()));
        Assert.Equal(exported.GetRawText(), (await admin.ReadAsync("api/admin/settings")).GetRawText());

        async Task PublishAsync(string setting, object? draft = null)
        {
            if (draft is not null)
                await admin.DoAsync("PUT", $"{setting}/draft", draft);
            await admin.DoAsync("POST", $"{setting}/publication");
        }

        async Task DiscardAsync(string setting, object draft)
        {
            await admin.DoAsync("PUT", $"{setting}/draft", draft);
            await admin.DoAsync("DELETE", $"{setting}/draft");
        }
    }

    /// <summary>Accounts, roles of the tenant's own, apps, sessions, passwords and a second factor.</summary>
    public static async Task AccountsAsync(TestTenant tenant)
    {
        const string Users = "api/identity/users";
        const string Password = "Korrekt-9-Pferd";
        using var admin = await tenant.AdminAsync("identity");
        var role = new { name = "reader", nameAr = "قارئ", nameEn = "Reader", permissions = new[] { "directory.unit.read" } };
        await admin.MakeAsync("api/identity/roles", role);
        await admin.DoAsync("PUT", "api/identity/roles/reader", new { role.nameAr, nameEn = "Looker", permissions = new[] { "task.task.read" } });
        await admin.DoAsync("PUT", "api/identity/roles/reader/mfa", new { required = false });
        Assert.Equal("Looker", (await admin.ReadAsync("api/identity/roles")).GetProperty("items").EnumerateArray().Single(each => each.Text("name") == "reader").Text("nameEn"));
        await admin.ReadAsync("api/identity/permissions");

        var user = await admin.MakeAsync(Users, new { userName = "huda", password = Password, displayNameAr = "هدى", displayNameEn = "Huda", roles = new[] { "reader" }, clearance = 0 });
        await admin.DoAsync("PUT", $"{Users}/{user}/roles", new { roles = new[] { "reader", "handler" } });
        await admin.DoAsync("PUT", $"{Users}/{user}/clearance", new { clearance = 2 });
        await admin.DoAsync("POST", $"{Users}/{user}/disable");
        await admin.DoAsync("POST", $"{Users}/{user}/enable");
        Assert.Equal(2, (await admin.ReadAsync($"{Users}/{user}")).GetProperty("clearance").GetInt32());
        Assert.Contains(user, (await admin.PagesAsync($"{Users}?limit=1")).Ids());

        using var hers = tenant.Mesh.Client("identity", await tenant.Mesh.TokenAsync(tenant.Slug, "HUDA", Password));
        Assert.Equal("huda", (await hers.ReadAsync("api/identity/me")).Text("userName"));
        await hers.DoAsync("POST", "api/identity/me/password", new { currentPassword = Password, newPassword = $"{Password}-2" });
        await hers.DoAsync("POST", "api/identity/me/email", new { email = "huda@example.org", password = $"{Password}-2" });
        var secret = (await hers.DoAsync("POST", "api/identity/me/mfa/totp", new { password = $"{Password}-2" })).Text("secret")!;
        await hers.DoAsync("POST", "api/identity/me/mfa/totp/confirm", new { code = Identity.SecondFactorTests.Code(secret) });
        Assert.True((await hers.ReadAsync("api/identity/me/mfa")).GetProperty("enabled").GetBoolean());
        await admin.DoAsync("DELETE", $"{Users}/{user}/mfa");

        var other = await tenant.Mesh.TokenAsync(tenant.Slug, "huda", $"{Password}-2");
        using var there = tenant.Mesh.Client("identity", other);
        var sessions = (await there.ReadAsync("api/identity/sessions")).GetProperty("items").EnumerateArray().Ids().ToList();
        Assert.Equal(sessions, (await admin.ReadAsync($"{Users}/{user}/sessions")).GetProperty("items").EnumerateArray().Ids());
        await there.DoAsync("POST", "api/identity/logout");
        await admin.DoAsync("PUT", $"{Users}/{user}/password", new { password = $"{Password}-3" });
        await admin.DoAsync("DELETE", $"{Users}/{user}/sessions");

        await admin.DoAsync("POST", "api/identity/clients", new { clientId = "app", displayName = "App", redirectUris = new[] { "https://app.example.org/back" } });
        Assert.Contains("app", (await admin.ReadAsync("api/identity/clients")).GetProperty("items").EnumerateArray().Select(client => client.Text("clientId")));
        await admin.DoAsync("DELETE", "api/identity/clients/app");
        await admin.DoAsync("DELETE", $"{Users}/{user}");
        await admin.DoAsync("DELETE", "api/identity/roles/reader");

        using var nobody = tenant.Mesh.Client("identity", tenant: tenant.Slug);
        await nobody.DoAsync("POST", "connect/forgot", new { userName = "ADMIN" });
    }

    /// <summary>What the operator does with a tenant; the catalogue is the platform's own.</summary>
    public static async Task CatalogueAsync(TestTenant tenant)
    {
        using var operators = tenant.Mesh.Client("tenant", await tenant.Mesh.OperatorTokenAsync());
        var path = $"api/tenant/tenants/{tenant.Slug}";
        await operators.DoAsync("PATCH", path, new { nameEn = "Renamed", hostNames = new[] { $"{tenant.Slug}.example.org" }, defaultLanguage = "en", calendar = "hijri" });
        await operators.DoAsync("POST", $"{path}/suspend");
        await operators.DoAsync("POST", $"{path}/resume");
        Assert.Contains(tenant.Slug, (await operators.PagesAsync("api/tenant/tenants?limit=2")).Select(each => each.Text("slug")));
        Assert.Equal("Renamed", (await operators.ReadAsync(path)).Text("nameEn"));
    }
}
