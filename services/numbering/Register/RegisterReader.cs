using System.Security.Claims;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Numbering.Register;

/// <summary>The register shows every number, those of the most secret letters as well: who is not cleared for all does not see any of it.</summary>
internal static class RegisterReader
{
    private const int TopSecret = 3;

    public static bool May(ClaimsPrincipal user) => user.Clearance() >= TopSecret;
}
