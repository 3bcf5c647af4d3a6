using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Numbering.Register;

public static class RegisterSetup
{
    public static void AddRegister(this IServiceCollection services) => services.AddScoped<RegisterChain>();

    public static void MapRegister(this IEndpointRouteBuilder routes)
    {
        var register = routes.MapGroup("/api/numbering").WithTags("register");
        register.MapPost("voids", VoidGivenNumber.HandleAsync).RequirePermission(Permissions.VoidNumbers);
        register.MapGet("register", ListRegister.HandleAsync).RequirePermission(Permissions.ReadRegister);
        register.MapGet("register/export", ExportRegister.HandleAsync).RequirePermission(Permissions.ReadRegister).Produces(StatusCodes.Status200OK, contentType: ExportRegister.MediaType);
    }
}
