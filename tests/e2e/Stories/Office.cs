using System.Net;
using Tarasol.Tests.E2e.Api;
using Tarasol.Tests.E2e.Gateway;

namespace Tarasol.Tests.E2e.Stories;

/// <summary>The organisation of one story: a tenant of its own, with the units and people that the story needs. All that is done in it goes through the gateway.</summary>
internal sealed class Office
{
    private readonly string slug;
    private readonly string language;

    private Office(MeshProcess mesh, string slug, string language)
    {
        (Mesh, this.slug, this.language) = (mesh, slug, language);
        Administrator = new(this, new(mesh, slug, "admin", Organisation.Password, language), "");
    }

    public MeshProcess Mesh { get; }

    public Clerk Administrator { get; }

    /// <summary>Id of the unit that every office begins with.</summary>
    public string Registry { get; private set; } = "";

    /// <param name="shared">The mesh.</param>
    /// <param name="slug">Of the tenant: another one for each story.</param>
    /// <param name="language">What its people are answered in.</param>
    public static async Task<Office> OpenAsync(SharedMesh shared, string slug, string language)
    {
        await Organisation.AddTenantAsync(shared.Mesh, slug);
        var office = new Office(shared.Mesh, slug, language);
        office.Registry = await office.AddUnitAsync("REG", "مركز الاتصالات الإدارية", "Registry");
        return office;
    }

    /// <summary>The unit's id.</summary>
    public async Task<string> AddUnitAsync(string code, string nameAr, string nameEn, string? above = null) =>
        (await Administrator.DoAsync(HttpMethod.Post, "/api/directory/units", new { code, nameAr, nameEn, parentId = above })).Text("id");

    /// <summary>Somebody who works in a unit, the registry unless another is named.</summary>
    public async Task<Clerk> HireAsync(string userName, string role, string? unit = null, int clearance = 3)
    {
        unit ??= Registry;
        await Administrator.DoAsync(HttpMethod.Post, "/api/identity/users", new
        {
            userName, password = Organisation.Password, displayNameAr = userName, displayNameEn = userName, roles = new[] { role }, clearance, unitId = unit,
        });
        return new(this, new(Mesh, slug, userName, Organisation.Password, language), unit);
    }

    /// <summary>A circuit that letters can be sent by: drafted and published.</summary>
    public async Task PublishCircuitAsync(string code, string nameAr, string nameEn, params object[] steps)
    {
        var id = (await Administrator.DoAsync(HttpMethod.Post, "/api/correspondence/circuits", new { code, nameAr, nameEn, steps })).Text("id");
        await Administrator.DoAsync(HttpMethod.Post, $"/api/correspondence/circuits/{id}/publish");
    }

    /// <summary>The days on which the whole organisation works.</summary>
    public async Task PublishCalendarAsync(object calendar)
    {
        var id = (await Administrator.DoAsync(HttpMethod.Post, "/api/admin/calendars", new { calendar })).Text("id");
        await Administrator.DoAsync(HttpMethod.Post, $"/api/admin/calendars/{id}/publication");
    }

    /// <summary>A type that letters can be registered by. Its id.</summary>
    public async Task<string> PublishLetterTypeAsync(string code, object form)
    {
        var id = (await Administrator.DoAsync(HttpMethod.Post, "/api/admin/letter-types", new { code, form })).Text("id");
        await Administrator.DoAsync(HttpMethod.Post, $"/api/admin/letter-types/{id}/publication");
        return id;
    }

    /// <summary>Waits for what others do in the background.</summary>
    public Task UntilAsync(Func<Task<bool>> holds, string what) => Mesh.UntilAsync(holds, $"{what}, in {slug}");

    /// <summary>Fails unless the act is refused in just this way, in the language of the office.</summary>
    public static async Task IsRefusedAsync(HttpStatusCode status, string code, string title, Func<Task> act)
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(act);
        Assert.Equal(title, refused.Answer.IsProblem(status, code).Text("title"));
    }

    /// <summary>Fails unless the act is refused because of one field, with what is wrong with it in the language of the office.</summary>
    public static async Task IsInvalidAsync(string field, string wrong, Func<Task> act)
    {
        var refused = await Assert.ThrowsAsync<RefusedException>(act);
        var errors = refused.Answer.IsProblem(HttpStatusCode.BadRequest, "invalid-request").GetProperty("errors");
        Assert.Equal([wrong], errors.GetProperty(field).EnumerateArray().Select(each => each.GetString()));
    }
}
