using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Delegations;
using Tarasol.Tests.Integration.Directories;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>Units, positions, parties, delegations and profiles, on every database program.</summary>
internal static class PeopleFlows
{
    /// <summary>Units that move, close and merge; positions; parties found, merged and given back.</summary>
    public static async Task DirectoryAsync(TestTenant tenant)
    {
        using var admin = await tenant.AdminAsync("directory");
        await tenant.NewUserAsync("salma", ["unit-head"]);
        var (root, old) = (await UnitLifeTests.CreateAsync(admin, "ROOT"), await UnitLifeTests.CreateAsync(admin, "OLD"));
        var child = await UnitLifeTests.CreateAsync(admin, "CHILD", old);
        await UnitLifeTests.HeadAsync(admin, old, "salma");
        await admin.DoAsync("PATCH", $"api/directory/units/{child}", new { nameEn = "Renamed", on = "2025-05-01" });
        await admin.DoAsync("POST", "api/directory/units/merge", new { unitIds = new[] { old }, successorId = root, reason = "دمج" });
        Assert.Equal("Unit", (await admin.ItemsAsync("api/directory/units?on=2025-04-30&text=child")).Single().Text("nameEn"));
        Assert.Equal(root, (await admin.ItemsAsync("api/directory/units?text=renamed")).Single().GetProperty("parentId").GetGuid());
        Assert.Empty(await admin.ItemsAsync("api/directory/positions?userName=salma"));
        Assert.Single(await admin.ItemsAsync("api/directory/positions?userName=salma&on=2025-04-30"));

        var (kept, other) = (await PartyAsync("شركة النور"), await PartyAsync("شركه النور للتجارة"));
        Assert.Equal([kept, other], (await admin.ItemsAsync($"api/directory/parties?text={Uri.EscapeDataString("نور")}&limit=5")).Select(each => each.GetProperty("id").GetGuid()));
        using var merged = await admin.PostAsJsonAsync($"api/directory/parties/{kept}/merge", new { other });
        await admin.DoAsync("PUT", $"api/directory/parties/{kept}", new { kind = "company", nameAr = "النور", aliases = new[] { "Noor" }, identifiers = new[] { new { scheme = "cr", value = "10" } } });
        Assert.Equal(kept, (await admin.ItemsAsync("api/directory/parties?text=noo")).Single().GetProperty("id").GetGuid());
        await admin.DoAsync("POST", $"api/directory/parties/{kept}/merges/{(await merged.JsonAsync()).Text("mergeId")}/undo");
        Assert.Empty(await admin.ItemsAsync($"api/directory/parties/{other}/duplicates"));

        Assert.Single(await admin.PagesAsync($"api/directory/parties/{kept}/merges?limit=1"));
        Assert.Equal("النور", (await admin.ReadAsync($"api/directory/parties/{kept}")).Text("nameAr"));

        var position = await UnitLifeTests.HeadAsync(admin, child, "salma");
        Assert.Equal(child, (await admin.ReadAsync($"api/directory/positions/{position}")).GetProperty("unitId").GetGuid());
        await admin.DoAsync("POST", $"api/directory/positions/{position}/vacate", new { });
        await admin.DoAsync("POST", $"api/directory/positions/{position}/close", new { });
        await admin.DoAsync("POST", $"api/directory/units/{child}/close", new { successorId = root, reason = "إلغاء" });
        Assert.Equal("إلغاء", (await admin.ReadAsync($"api/directory/units/{child}")).Text("closeReason"));

        async Task<Guid> PartyAsync(string nameAr)
        {
            using var made = await admin.PostAsJsonAsync("api/directory/parties", new { kind = "company", nameAr, email = "info@example.org" });
            await TestMesh.EnsureAsync(made);
            return (await made.JsonAsync()).GetProperty("id").GetGuid();
        }
    }

    /// <summary>Offers that contradict each other, one that is taken, ended and told of afterwards; a choice of the person's own.</summary>
    public static async Task DelegationAsync(TestTenant tenant)
    {
        var bureau = await Bureau.OfAsync(tenant);
        var answers = await Task.WhenAll(new[] { bureau.Omar, bureau.Huda }.Select(each => bureau.Salma.Client.PostAsJsonAsync(Bureau.Delegations, bureau.Offer(each))));
        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], answers.Select(answer => answer.StatusCode).Order());
        var id = (await answers.Single(answer => answer.IsSuccessStatusCode).JsonAsync()).GetProperty("id").GetGuid();
        var @delegate = answers[0].IsSuccessStatusCode ? bureau.Omar : bureau.Huda;
        await Bureau.DoAsync(@delegate.Client, id, "accept");
        Assert.Equal(@delegate.UserName, Assert.Single(await bureau.ActiveAsync($"principal=salma&unit={bureau.Below}")).Text("delegate"));
        await Bureau.DoAsync(bureau.Admin, id, "end", new { });
        Assert.Empty(await bureau.ActiveAsync($"delegate={@delegate.UserName}"));
        var authority = await bureau.Nader.Client.GetFromJsonAsync<JsonElement>($"api/delegation/authority?user=salma&on={bureau.Today:O}");
        Assert.Contains(authority.GetProperty("items").EnumerateArray(), item => item.Text("person") == @delegate.UserName);
        Assert.Single(await bureau.Admin.ItemsAsync($"{Bureau.Delegations}?everyone=true&state=ended&limit=1"));
        foreach (var answer in answers)
            answer.Dispose();
        var declined = await Bureau.OfferAsync(bureau.Salma.Client, bureau.Offer(bureau.Omar, 10, 12));
        await Bureau.DoAsync(bureau.Omar.Client, declined, "decline", new { reason = "مشغول" });
        Assert.Equal("declined", (await bureau.Salma.Client.ReadAsync($"{Bureau.Delegations}/{declined}")).GetProperty("delegation").Text("state"));

        using var profile = await tenant.AdminAsync("profile");
        await profile.DoAsync("PUT", "api/profile/me", new { calendar = "hijri", notifications = new[] { new { @event = "task.task-opened", channels = new[] { "email" } } } });
        await profile.DoAsync("PUT", "api/profile/me", new { calendar = "gregorian" });
        Assert.Equal("gregorian", (await profile.GetFromJsonAsync<JsonElement>("api/profile/me")).Text("calendar"));
        await profile.DoAsync("PUT", "api/profile/me/signature", new { png = Profiles.ProfileTests.Png });
        await profile.ReadAsync("api/profile/me/signature");
        await profile.DoAsync("DELETE", "api/profile/me/signature");
    }
}
