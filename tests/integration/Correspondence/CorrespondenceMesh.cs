using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Correspondence.Data;
using Tarasol.Tenancy;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Correspondence;

/// <summary>Everything that a letter needs on its way. The tests of correspondence and task share it, one after the other.</summary>
[CollectionDefinition(nameof(CorrespondenceMesh))]
public sealed class CorrespondenceMesh() : TestMesh("directory", "admin", "numbering", "task", "correspondence"), ICollectionFixture<CorrespondenceMesh>
{
    private Task<Office>? shared;

    protected override (string Type, (string Name, string Value)[] Metadata) PubSub => ("pubsub.sqlite", [("connectionString", "pubsub.db")]);

    /// <summary>A tenant for tests that look at their own letters only.</summary>
    public Task<Office> OfficeAsync() => shared ??= NewOfficeAsync();

    public async Task<Office> NewOfficeAsync() => await Office.OfAsync(await NewTenantAsync());
}

/// <summary>Somebody who is signed in.</summary>
public sealed class Person(TestMesh mesh, string userName, string token)
{
    public string UserName => userName;

    public string Token => token;

    /// <summary>The person's client of correspondence, with paths from <c>api/correspondence/letters</c> on.</summary>
    public HttpClient Letters { get; } = mesh.Client("correspondence", token);

    public HttpClient Tasks { get; } = mesh.Client("task", token);
}

/// <summary>A tenant with a unit and people. The clerk and the signatory are cleared for level 1, the head and the admin for level 3.</summary>
public sealed record Office(TestMesh Mesh, string Slug, Guid UnitId, Person Admin, Person Clerk, Person Head, Person Signatory, Func<Task<string>> AdminTokenAsync)
{
    public const string Letters = "api/correspondence/letters";
    public const string Tasks = "api/task/tasks";

    /// <summary>Fills a new tenant.</summary>
    public static async Task<Office> OfAsync(TestTenant tenant)
    {
        using var directory = await tenant.AdminAsync("directory");
        using var unit = await directory.PostAsJsonAsync("api/directory/units", new { code = "REG", nameAr = "الديوان", nameEn = "Registry" });
        await TestMesh.EnsureAsync(unit);
        return new(
            tenant.Mesh, tenant.Slug, (await unit.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid(),
            new(tenant.Mesh, tenant.AdminUserName, await tenant.AdminTokenAsync()),
            await PersonAsync("clerk", "registry-clerk", 1),
            await PersonAsync("head", "unit-head", 3),
            await PersonAsync("signatory", "signatory", 1),
            tenant.AdminTokenAsync);

        async Task<Person> PersonAsync(string userName, string role, int clearance) =>
            new(tenant.Mesh, userName, (await tenant.NewUserAsync(userName, [role], clearance)).Token);
    }

    /// <summary>A new person of the unit.</summary>
    public async Task<Person> MemberAsync(string userName, string role, int clearance)
    {
        var password = $"Us-{Guid.NewGuid():N}-X1";
        using var identity = Mesh.Client("identity", Admin.Token);
        using var made = await identity.PostAsJsonAsync(
            "api/identity/users", new { userName, password, displayNameAr = "موظف", displayNameEn = "Employee", roles = new[] { role }, clearance, unitId = UnitId });
        await TestMesh.EnsureAsync(made);
        return new(Mesh, userName, await Mesh.TokenAsync(Slug, userName, password));
    }

    public Dictionary<string, object?> Letter(string direction = "incoming", string confidentiality = "normal") => new()
    {
        ["direction"] = direction,
        ["subject"] = "طلب صيانة المبنى",
        ["body"] = "Please repair the roof.",
        ["language"] = "ar",
        ["urgency"] = "very-urgent",
        ["confidentiality"] = confidentiality,
        ["sender"] = new { name = "Ministry of Works" },
        ["recipients"] = new object[] { "The director", new { name = "المدير" } },
        ["documentDate"] = "2026-01-31",
        ["ownerUnitId"] = UnitId,
    };

    public Task<Guid> RegisterAsync(string direction = "incoming") => RegisterAsync(Clerk, Letter(direction));

    public static async Task<Guid> RegisterAsync(Person person, object letter)
    {
        using var answer = await person.Letters.PostAsJsonAsync(Letters, letter);
        await TestMesh.EnsureAsync(answer);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    /// <summary>Publishes a letter type and waits until letters can be registered by it.</summary>
    public async Task<Guid> PublishTypeAsync(string code, object form)
    {
        using var admin = Mesh.Client("admin", await AdminTokenAsync());
        using var made = await admin.PostAsJsonAsync("api/admin/letter-types", new { code, form });
        await TestMesh.EnsureAsync(made);
        var id = (await made.JsonAsync()).GetProperty("id").GetGuid();
        await PublishAsync($"api/admin/letter-types/{id}", null);
        return id;
    }

    /// <summary>Publishes a draft, or what is drafted already, and waits until this service has it.</summary>
    public async Task PublishAsync(string setting, object? draft)
    {
        using var admin = Mesh.Client("admin", await AdminTokenAsync());
        if (draft is not null)
            await TestMesh.EnsureAsync(await admin.PutAsJsonAsync($"{setting}/draft", draft));
        using var published = await admin.PostAsync(new Uri($"{setting}/publication", UriKind.Relative), null);
        await TestMesh.EnsureAsync(published);
        var version = (await published.JsonAsync()).GetProperty("version").GetInt32();
        await TestMesh.EventuallyAsync($"version {version} of {setting} to be here", () => Mesh.Services("correspondence").GetRequiredService<TenantScopes>().RunAsync(Slug, async services =>
        {
            var db = services.GetRequiredService<CorrespondenceDbContext>();
            return Guid.TryParse(setting.Split('/')[^1], out var id)
                ? await db.LetterTypes.AnyAsync(row => row.LetterTypeId == id && row.Version == version)
                : await db.Classifications.AnyAsync(row => row.Version == version);
        }, CancellationToken.None));
    }

    public static object Steps(params Person[] approvers) =>
        new { steps = approvers.Select(approver => new { kind = "approve", assignee = approver.UserName, dueInHours = 24 }) };

    public async Task<Guid> RouteAsync(Guid letter, params Person[] approvers)
    {
        using var answer = await Clerk.Letters.PostAsJsonAsync($"{Letters}/{letter}/routing", Steps(approvers));
        await TestMesh.EnsureAsync(answer);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("routingId").GetGuid();
    }

    /// <summary>Waits for what a routing asks of the person about a letter. Their referrals of it do not count: one that is over is taken out of the inbox a moment later.</summary>
    public static async Task<Guid> TaskAsync(Person person, Guid letter)
    {
        Guid found = default;
        await TestMesh.EventuallyAsync($"a task for {person.UserName}", async () =>
        {
            var page = await person.Tasks.GetFromJsonAsync<JsonElement>($"{Tasks}?state=open&limit=200");
            var mine = page.GetProperty("items").EnumerateArray().Where(task => task.GetProperty("letterId").GetGuid() == letter && task.Text("kind") != "referral").ToList();
            if (mine.Count == 0)
                return false;
            found = Assert.Single(mine).GetProperty("id").GetGuid();
            return true;
        });
        return found;
    }

    public static async Task DecideAsync(Person person, Guid letter, string decision, string? comment = null)
    {
        using var answer = await person.Tasks.PostAsJsonAsync($"{Tasks}/{await TaskAsync(person, letter)}/decision", new { decision, comment });
        await TestMesh.EnsureAsync(answer);
    }

    /// <summary>Waits until the letter has the status, and returns it.</summary>
    public async Task<JsonElement> ReachedAsync(Guid letter, string status)
    {
        JsonElement current = default;
        await TestMesh.EventuallyAsync($"the letter to be {status}", async () =>
        {
            current = await Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Letters}/{letter}");
            return current.GetProperty("status").GetString() == status;
        });
        return current;
    }

    public async Task<List<JsonElement>> TimelineAsync(Guid letter) =>
        [.. (await Clerk.Letters.GetFromJsonAsync<JsonElement>($"{Letters}/{letter}/timeline")).GetProperty("items").EnumerateArray()];

    public async Task<List<string?>> KindsAsync(Guid letter) => [.. (await TimelineAsync(letter)).Select(entry => entry.GetProperty("kind").GetString())];
}

internal static class Answers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer)
    {
        using var json = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return json.RootElement.Clone();
    }

    public static string? Text(this JsonElement json, string member) => json.GetProperty(member).GetString();

    /// <summary>The fields that a 400 names.</summary>
    public static async Task<IEnumerable<string>> BadFieldsAsync(this HttpResponseMessage answer)
    {
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, answer.StatusCode);
        return (await answer.JsonAsync()).GetProperty("errors").EnumerateObject().Select(field => field.Name);
    }
}
