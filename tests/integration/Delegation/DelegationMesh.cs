using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Delegations;

/// <summary>Delegation with the directory, whose units it asks for.</summary>
public sealed class DelegationMesh() : TestMesh("directory", "admin", "delegation");

/// <summary>A tenant of its own with a tree of units and people: salma (3), omar (1) and huda (2) are heads of units, nader is an auditor.</summary>
public sealed record Bureau(TestMesh Mesh, TestTenant Tenant, HttpClient Admin, Guid Root, Guid Below, Colleague Salma, Colleague Omar, Colleague Huda, Colleague Nader)
{
    public const string Delegations = "api/delegation/delegations";

    public static async Task<Bureau> OfAsync(TestMesh mesh) => await OfAsync(await mesh.NewTenantAsync());

    public static async Task<Bureau> OfAsync(TestTenant tenant)
    {
        var mesh = tenant.Mesh;
        using var directory = await tenant.AdminAsync("directory");
        var root = await UnitAsync(directory, "ROOT", null);
        return new(
            mesh, tenant, await tenant.AdminAsync("delegation"), root, await UnitAsync(directory, "BELOW", root), await PersonAsync("salma", "unit-head", 3), await PersonAsync("omar", "unit-head", 1),
            await PersonAsync("huda", "unit-head", 2), await PersonAsync("nader", "auditor", 0));

        async Task<Colleague> PersonAsync(string userName, string role, int clearance)
        {
            var (id, token) = await tenant.NewUserAsync(userName, [role], clearance);
            return new(id, userName, mesh.Client("delegation", token));
        }
    }

    /// <summary>Today in UTC, as the services see it.</summary>
    public DateOnly Today => DateOnly.FromDateTime(Mesh.Services("delegation").GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime);

    public Dictionary<string, object?> Offer(Colleague @delegate, int fromDay = 0, int untilDay = 3) => new()
    {
        ["delegate"] = @delegate.UserName,
        ["from"] = $"{Today.AddDays(fromDay):O}",
        ["until"] = $"{Today.AddDays(untilDay):O}",
        ["reason"] = "إجازة سنوية",
        ["confidentiality"] = "restricted",
    };

    public static async Task<Guid> OfferAsync(HttpClient by, Dictionary<string, object?> offer)
    {
        using var made = await by.PostAsJsonAsync(Delegations, offer);
        await TestMesh.EnsureAsync(made);
        return (await made.JsonAsync()).GetProperty("id").GetGuid();
    }

    public static async Task DoAsync(HttpClient by, Guid delegation, string what, object? body = null)
    {
        using var done = body is null ? await by.PostAsync(new Uri($"{Delegations}/{delegation}/{what}", UriKind.Relative), null) : await by.PostAsJsonAsync($"{Delegations}/{delegation}/{what}", body);
        await TestMesh.EnsureAsync(done);
    }

    public async Task<Guid> AcceptedAsync(Colleague principal, Colleague @delegate, Dictionary<string, object?>? offer = null)
    {
        var id = await OfferAsync(principal.Client, offer ?? Offer(@delegate));
        await DoAsync(@delegate.Client, id, "accept");
        return id;
    }

    /// <summary>What task and correspondence are told.</summary>
    public async Task<List<JsonElement>> ActiveAsync(string query)
    {
        using var service = Mesh.Client("delegation", await Mesh.ServiceTokenAsync("tenant"), Tenant.Slug);
        return [.. (await service.GetFromJsonAsync<JsonElement>($"internal/delegations/active?{query}")).GetProperty("items").EnumerateArray()];
    }

    private static async Task<Guid> UnitAsync(HttpClient directory, string code, Guid? parent)
    {
        using var made = await directory.PostAsJsonAsync("api/directory/units", new { code, nameAr = "وحدة", nameEn = "Unit", parentId = parent });
        await TestMesh.EnsureAsync(made);
        return (await made.JsonAsync()).GetProperty("id").GetGuid();
    }
}

/// <summary>Somebody with a client of the delegation service.</summary>
public sealed record Colleague(Guid Id, string UserName, HttpClient Client);
