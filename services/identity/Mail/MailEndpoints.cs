using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Identity.Mail;

public static class MailEndpoints
{
    public static void AddMail(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<MailedTokens>();
        builder.Services.AddTenantSweep<AnswerResetRequests>();
    }

    public static void MapMail(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/identity/me/email", SetOwnEmail.HandleAsync).WithTags("e-mail");
        routes.MapPost("/connect/confirm", ConfirmEmail.HandleAsync).AllowAnonymous().WithMetadata(new NeedsTenant()).WithTags("e-mail");
        routes.MapPost("/connect/forgot", ForgotPassword.HandleAsync).AllowAnonymous().WithMetadata(new NeedsTenant()).WithTags("passwords");
        routes.MapPost("/connect/reset", ResetPassword.HandleAsync).AllowAnonymous().WithMetadata(new NeedsTenant()).WithTags("passwords");
    }
}
