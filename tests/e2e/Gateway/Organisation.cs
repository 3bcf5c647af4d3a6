using System.Net;
using System.Text.Json;
using Tarasol.Mesh;
using Tarasol.Mesh.Up;

namespace Tarasol.Tests.E2e.Gateway;

/// <summary>A tenant with one unit and the people of a small registry, made through the gateway. All of them are cleared for everything.</summary>
internal sealed class Organisation
{
    public const string Password = "Change-me-2026";

    private Organisation(MeshProcess mesh, string slug)
    {
        (Mesh, Slug) = (mesh, slug);
        (Admin, Clerk, Head, Signatory, Auditor) = (Named("admin"), Named("clerk"), Named("head"), Named("boss"), Named("auditor"));

        Person Named(string name) => new(mesh, slug, name, Password);
    }

    public MeshProcess Mesh { get; }

    public string Slug { get; }

    public Person Admin { get; }

    public Person Clerk { get; }

    public Person Head { get; }

    public Person Signatory { get; }

    public Person Auditor { get; }

    public string UnitId { get; private set; } = "";

    /// <summary>Ids of the people, the admin excepted.</summary>
    public List<string> UserIds { get; } = [];

    public static async Task<Organisation> MakeAsync(MeshProcess mesh, string slug)
    {
        await AddTenantAsync(mesh, slug);
        var made = new Organisation(mesh, slug);
        made.UnitId = Id((await made.Admin.PostAsync("/api/directory/units", new { code = "REG", nameAr = "السجل", nameEn = "Registry" })).Is(HttpStatusCode.Created));
        foreach (var (userName, role) in new[] { ("clerk", "registry-clerk"), ("head", "unit-head"), ("boss", "signatory"), ("auditor", "auditor") })
        {
            var user = new { userName, password = Password, displayNameAr = userName, displayNameEn = userName, roles = new[] { role }, clearance = 3, unitId = made.UnitId };
            made.UserIds.Add(Id((await made.Admin.PostAsync("/api/identity/users", user)).Is(HttpStatusCode.Created)));
        }

        return made;
    }

    /// <summary>Makes a tenant whose admin is "admin" and waits until it is active.</summary>
    public static async Task AddTenantAsync(MeshProcess mesh, string slug)
    {
        var platform = Operator(mesh);
        (await platform.PostAsync("/api/tenant/tenants", new { slug, nameAr = "جهة", nameEn = "Organisation", adminUserName = "admin", adminPassword = Password })).Is(HttpStatusCode.Accepted);
        await mesh.UntilAsync(async () => (await platform.GetAsync($"/api/tenant/tenants/{slug}")).Is(HttpStatusCode.OK).Json.GetProperty("status").GetString() == "active", $"{slug} to be active");
    }

    /// <summary>The platform's operator, whose password mesh made.</summary>
    public static Person Operator(MeshProcess mesh)
    {
        var account = JsonSerializer.Deserialize<OperatorAccount>(File.ReadAllText(new DataFolder(mesh.DataPath).Operator), MeshJson.Options)!;
        return new(mesh, account.Tenant, account.UserName, account.Password);
    }

    /// <summary>A letter as a client would send it.</summary>
    public object Letter(string direction = "incoming", string subject = "طلب تزويد بإحصاءات") => new
    {
        direction, subject, language = "ar", urgency = "normal", confidentiality = "normal", sender = new { name = "مركز الإحصاء" }, recipients = new[] { "المدير العام" },
        documentDate = "2026-11-01", ownerUnitId = UnitId,
    };

    public static object Steps(params Person[] approvers) => new { steps = approvers.Select(approver => new { kind = "approve", assignee = approver.UserName, dueInHours = 24 }) };

    private static string Id(Answer answer) => answer.Json.GetProperty("id").GetString()!;
}
