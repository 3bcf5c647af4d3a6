using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Gateway;

/// <summary>The errors that only the gateway gives.</summary>
internal static class GatewayProblems
{
    public static readonly Problem Timeout = new("service-timeout", 504,
        new("The service {0} took too long to answer.", "استغرقت الخدمة {0} وقتا أطول من المسموح."));

    public static readonly Problem TenantMismatch = new("tenant-mismatch", 403,
        new("The header X-Tenant names another tenant than your token.", "الترويسة X-Tenant تسمي جهة غير التي في رمز الدخول."));
}
