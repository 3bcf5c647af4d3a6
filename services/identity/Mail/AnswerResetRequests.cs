using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Tarasol.Identity.Data;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Identity.Mail;

/// <summary>Sends the mails for forgotten passwords, to those accounts that are there, can be used and have a confirmed address.</summary>
internal sealed class AnswerResetRequests(AccountsDbContext db, MailedTokens tokens, ILookupNormalizer names) : ITenantSweep
{
    private const int Batch = 100;

    public async Task SweepAsync(CancellationToken cancel)
    {
        while (await AnswerAsync(cancel) == Batch)
        {
            // Another full batch may wait.
        }
    }

    private async Task<int> AnswerAsync(CancellationToken cancel)
    {
        var requests = await db.ResetRequests.OrderBy(request => request.Id).Take(Batch).ToListAsync(cancel);
        foreach (var name in requests.Select(request => names.NormalizeName(request.UserName)).Distinct())
        {
            if (await db.Users.FirstOrDefaultAsync(row => row.NormalizedUserName == name && row.EmailConfirmed, cancel) is { DisabledAt: null, Email: { } email } user)
                await tokens.SendAsync(user, MailedTokens.Reset, email, cancel);
        }
        db.RemoveRange(requests);
        await db.SaveChangesAsync(cancel);
        return requests.Count;
    }
}
