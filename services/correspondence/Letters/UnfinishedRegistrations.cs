using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Letters;

/// <summary>Finishes the registration of letters that a crash, or numbering being away, left without their number.</summary>
public sealed class UnfinishedRegistrations(CorrespondenceDbContext db, FinishRegistration finish, ILogger<UnfinishedRegistrations> log) : ITenantSweep
{
    public async Task SweepAsync(CancellationToken cancel)
    {
        var ids = await db.Letters.Where(letter => letter.Status == LetterStatus.Registering).OrderBy(letter => letter.Id).Select(letter => letter.Id).ToListAsync(cancel);
        foreach (var id in ids)
        {
            db.ChangeTracker.Clear();
            var letter = await db.Letters.FirstAsync(row => row.Id == id, cancel);
            if (letter.Status != LetterStatus.Registering)
                continue;
            try
            {
                await finish.RunAsync(letter, cancel);
            }
            catch (Exception failed) when (failed is not (ServiceAwayException or OperationCanceledException))
            {
                // One letter that cannot be numbered must not keep the others waiting; it is tried again in the next round.
                log.LogError(failed, "The registration of letter {LetterId} could not be finished", id);
            }
        }
    }
}
