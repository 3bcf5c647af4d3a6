using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Identity.Mail;

/// <summary>POST /connect/forgot: a mail with a token goes to the account's confirmed address. The answer, and the work until then, are the same for every name.</summary>
public static class ForgotPassword
{
    public sealed record Request([Required, MaxLength(100)] string UserName);

    internal static async Task<Accepted> HandleAsync(
        Body<Request> body, AccountsDbContext db, SweepSignal<AnswerResetRequests> signal, CurrentTenant tenant, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        db.Add(new ResetRequest { Id = SortableId.Next(now), UserName = body.Value.UserName, RequestedAt = now });
        await db.SaveChangesAsync(cancel);
        signal.Set(tenant.Slug);
        return TypedResults.Accepted((string?)null);
    }
}
