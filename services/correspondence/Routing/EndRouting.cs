using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Routing;

/// <summary>
/// What the end of a routing does, whichever workflow led to it, in one commit. A letter that is approved and has no number yet gets it here; numbering gives a letter the same number again.
/// </summary>
internal static class EndRouting
{
    public static async Task ApplyAsync(IServiceProvider services, LetterRouting routing, Letter letter, LetterStatus outcome, string actor, DateTimeOffset now)
    {
        var db = services.GetRequiredService<CorrespondenceDbContext>();
        var outbox = services.GetRequiredService<IOutbox>();
        if (outcome == LetterStatus.Approved && letter.ReferenceNumber is null)
        {
            letter.ReferenceNumber = await services.GetRequiredService<Numbers>().GetAsync(letter, now, CancellationToken.None);
            FinishRegistration.Number(db, outbox, letter, actor, now);
        }
        letter.Status = outcome;
        routing.State = RoutingState.Done;
        routing.Outcome = outcome;
        routing.CompletedAt = now;
        routing.Version++;
        var entry = letter.Record(TimelineKind.Completed, actor, now);
        entry.RoutingId = routing.Id;
        entry.Outcome = outcome;
        db.Add(entry);
        outbox.Add(new RoutingCompleted(letter.Id, routing.Id, WireEnum.Name(outcome), letter.ReferenceNumber, now), actor);
        await db.SaveChangesAsync();
    }
}
