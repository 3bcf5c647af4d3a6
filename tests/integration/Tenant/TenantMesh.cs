using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Tenant;

/// <summary>Identity, tenant and one service more, which can be stopped.</summary>
public sealed class TenantMesh() : TestMesh("directory")
{
    public static object Request(string slug, string password = "Admin-Pass-1") =>
        new { slug, nameAr = "وزارة", nameEn = "Ministry", adminUserName = "admin", adminPassword = password };

    public static string NewSlug() => $"t{Guid.NewGuid():N}"[..16];
}

/// <summary>The same, where a step is soon given up.</summary>
public sealed class ImpatientMesh() : TestMesh("directory")
{
    public const int Attempts = 2;

    protected override IEnumerable<KeyValuePair<string, string>> Settings(string appId) => [KeyValuePair.Create("TARASOL_PROVISIONING_ATTEMPTS", $"{Attempts}")];
}
