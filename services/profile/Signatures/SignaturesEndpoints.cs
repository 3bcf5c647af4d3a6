using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy.Exports;

namespace Tarasol.Profiles.Signatures;

public static class SignaturesEndpoints
{
    public static void AddSignatures(this IServiceCollection services)
    {
        services.AddScoped<SignatureImages>();
        services.AddScoped<IExportRows, SignatureRows>();
    }

    public static void MapSignatures(this IEndpointRouteBuilder routes)
    {
        var signature = routes.MapGroup("/api/profile/me/signature").WithTags("signature");
        signature.MapPut("", KeepSignature.PutAsync).RequirePermission(Permissions.KeepSignature);
        signature.MapGet("", KeepSignature.GetAsync).RequirePermission(Permissions.KeepSignature);
        signature.MapDelete("", KeepSignature.DeleteAsync).RequirePermission(Permissions.KeepSignature);
    }
}
