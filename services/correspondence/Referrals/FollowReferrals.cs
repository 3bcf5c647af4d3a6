using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Routing;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Referrals;

/// <summary>Puts open referrals into their receivers' inboxes and takes those away that are over. Everything here is harmless when repeated.</summary>
public sealed class FollowReferrals(CorrespondenceDbContext db, WorkItems items) : ITenantSweep
{
    // A referral without a due time should not lie for ever.
    private const int DaysWithoutDueTime = 5;

    public async Task SweepAsync(CancellationToken cancel)
    {
        var open = await db.Referrals.AsNoTracking().Where(row => row.Task == ReferralTask.Opening || row.Task == ReferralTask.Cancelling).OrderBy(row => row.Id).ToListAsync(cancel);
        foreach (var referral in open)
        {
            // A referral has one work item, as a routing has one for each step.
            var id = OpenTask.TaskId(referral.Id, 1);
            if (referral.Task == ReferralTask.Opening)
                await OpenAsync(id, referral, cancel);
            else
                await items.CancelAsync(id, cancel);
            // Not a change of the referral: its version stays, so that an act at the same moment is not refused. One that ends it has set the next thing to do by now.
            var (before, after) = (referral.Task, referral.Task == ReferralTask.Opening ? ReferralTask.Open : ReferralTask.Cancelled);
            await db.Referrals.Where(row => row.Id == referral.Id && row.Task == before).ExecuteUpdateAsync(set => set.SetProperty(row => row.Task, after), cancel);
        }
    }

    private async Task OpenAsync(Guid id, Referral referral, CancellationToken cancel)
    {
        var letter = await db.Letters.AsNoTracking().FirstAsync(row => row.Id == referral.LetterId, cancel);
        await items.OpenAsync(
            new(id, "referral", referral.LetterId, referral.Id, 1, referral.Receiver, letter.Subject, referral.DueAt ?? referral.SentAt)
            {
                DueInDays = referral.DueAt is null ? DaysWithoutDueTime : null,
                Confidentiality = (int)letter.Confidentiality,
                Urgency = WireEnum.Name(letter.Urgency),
                LetterUnitId = letter.OwnerUnitId,
                LetterUnitCode = letter.OwnerUnitCode,
                LetterType = letter.LetterType,
                CanReturn = false,
                Question = referral.Instruction,
                AskedBy = referral.Sender,
                HeadOfUnitId = referral.HeadOf,
            },
            cancel);
    }
}
