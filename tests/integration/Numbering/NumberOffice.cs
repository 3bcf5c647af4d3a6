using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Mesh.VerifyRegister;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Identity;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Numbering;

/// <summary>A tenant with one unit, seen by its administrator and by a service that asks for numbers.</summary>
internal sealed class NumberOffice
{
    private readonly HttpClient service;
    private readonly HttpClient directory;

    private NumberOffice(TestTenant tenant, HttpClient admin, HttpClient directory, HttpClient service) =>
        (Tenant, Admin, this.directory, this.service) = (tenant, admin, directory, service);

    public TestTenant Tenant { get; }

    public HttpClient Admin { get; }

    /// <summary>Id of the unit ROOT.</summary>
    public Guid Root { get; private set; }

    public static async Task<NumberOffice> OfAsync(TestMesh mesh) => await OfAsync(await mesh.NewTenantAsync());

    public static async Task<NumberOffice> OfAsync(TestTenant tenant)
    {
        var mesh = tenant.Mesh;
        var office = new NumberOffice(
            tenant, await tenant.AdminAsync("numbering"), await tenant.AdminAsync("directory"), mesh.Client("numbering", await mesh.ServiceTokenAsync("tenant"), tenant.Slug));
        office.Root = await office.UnitAsync("ROOT", null);
        return office;
    }

    public async Task<Guid> UnitAsync(string code, Guid? parentId)
    {
        using var made = await directory.PostAsJsonAsync("api/directory/units", new { code, nameAr = code, nameEn = code, parentId });
        await TestMesh.EnsureAsync(made);
        return (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
    }

    public async Task<IReadOnlyList<JsonElement>> SeriesAsync() =>
        [.. (await Admin.GetFromJsonAsync<JsonElement>("api/numbering/series")).GetProperty("items").EnumerateArray()];

    public async Task<JsonElement> CreatedAsync(object series) => await PostAsync("api/numbering/series", series);

    /// <summary>Fails unless it is accepted.</summary>
    public async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await Admin.PostAsJsonAsync(path, body);
        await TestMesh.EnsureAsync(answer);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>The number of a letter, a new one unless given.</summary>
    public async Task<string> TakeAsync(string unit, string direction = "incoming", string? type = null, string date = "2026-05-01", Guid? letter = null)
    {
        using var answer = await service.PostAsJsonAsync("internal/numbers", new { letterId = letter ?? Guid.CreateVersion7(), direction, unitCode = unit, date, letterTypeCode = type });
        await TestMesh.EnsureAsync(answer);
        return (await answer.TextAsync("referenceNumber"))!;
    }

    /// <summary>All entries, page by page.</summary>
    public async Task<IReadOnlyList<JsonElement>> EntriesAsync(string query = "")
    {
        var items = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await Admin.GetFromJsonAsync<JsonElement>($"api/numbering/register?limit=7&cursor={cursor}{query}");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.Text("next");
        }
        return items;
    }

    public async Task<string[]> ExportAsync() =>
        (await Admin.GetStringAsync(new Uri("api/numbering/register/export", UriKind.Relative))).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The export is right in the eyes of `mesh verify-register`.</summary>
    public async Task<RegisterReport> VerifyAsync()
    {
        var report = RegisterCheck.Check(await ExportAsync());
        Assert.Empty(report.Findings);
        Assert.Equal(Tenant.Slug, report.Tenant);
        return report;
    }
}
