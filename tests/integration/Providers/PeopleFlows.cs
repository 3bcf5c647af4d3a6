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
        await SentAsync(admin.PatchAsJsonAsync($"api/directory/units/{child}", new { nameEn = "Renamed", on = "2025-05-01" }));
        await SentAsync(admin.PostAsJsonAsync("api/directory/units/merge", new { unitIds = new[] { old }, successorId = root, reason = "دمج" }));
        Assert.Equal("Unit", (await ItemsAsync(admin, "api/directory/units?on=2025-04-30&text=child")).Single().Text("nameEn"));
        Assert.Equal(root, (await ItemsAsync(admin, "api/directory/units?text=renamed")).Single().GetProperty("parentId").GetGuid());
        Assert.Empty(await ItemsAsync(admin, "api/directory/positions?userName=salma"));
        Assert.Single(await ItemsAsync(admin, "api/directory/positions?userName=salma&on=2025-04-30"));

        var (kept, other) = (await PartyAsync("شركة النور"), await PartyAsync("شركه النور للتجارة"));
        Assert.Equal([kept, other], (await ItemsAsync(admin, $"api/directory/parties?text={Uri.EscapeDataString("نور")}&limit=5")).Select(each => each.GetProperty("id").GetGuid()));
        using var merged = await admin.PostAsJsonAsync($"api/directory/parties/{kept}/merge", new { other });
        await SentAsync(admin.PutAsJsonAsync($"api/directory/parties/{kept}", new { kind = "company", nameAr = "النور", aliases = new[] { "Noor" }, identifiers = new[] { new { scheme = "cr", value = "10" } } }));
        Assert.Equal(kept, (await ItemsAsync(admin, "api/directory/parties?text=noo")).Single().GetProperty("id").GetGuid());
        await SentAsync(admin.PostAsync(new Uri($"api/directory/parties/{kept}/merges/{(await merged.JsonAsync()).Text("mergeId")}/undo", UriKind.Relative), null));
        Assert.Empty(await ItemsAsync(admin, $"api/directory/parties/{other}/duplicates"));

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
        Assert.Single(await ItemsAsync(bureau.Admin, $"{Bureau.Delegations}?everyone=true&state=ended&limit=1"));
        foreach (var answer in answers)
            answer.Dispose();

        using var profile = await tenant.AdminAsync("profile");
        await SentAsync(profile.PutAsJsonAsync("api/profile/me", new { calendar = "hijri", notifications = new[] { new { @event = "task.task-opened", channels = new[] { "email" } } } }));
        await SentAsync(profile.PutAsJsonAsync("api/profile/me", new { calendar = "gregorian" }));
        Assert.Equal("gregorian", (await profile.GetFromJsonAsync<JsonElement>("api/profile/me")).Text("calendar"));
    }

    private static async Task SentAsync(Task<HttpResponseMessage> sending)
    {
        using var answer = await sending;
        await TestMesh.EnsureAsync(answer);
    }

    private static async Task<List<JsonElement>> ItemsAsync(HttpClient client, string list) => [.. (await client.GetFromJsonAsync<JsonElement>(list)).GetProperty("items").EnumerateArray()];
}
