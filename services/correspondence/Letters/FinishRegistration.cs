using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.LetterTypes;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Letters;

/// <summary>The second half of the registration of an incoming letter: numbering gives the same number however often it is asked, and one commit makes the letter known.</summary>
public sealed class FinishRegistration(CorrespondenceDbContext db, IOutbox outbox, Numbers numbers, PublishedSettings settings, TimeProvider time)
{
    /// <summary>Numbers and registers a letter that the context tracks, and returns it as it then is. Throws ServiceAwayException when numbering does not answer.</summary>
    public async Task<Letter> RunAsync(Letter letter, CancellationToken cancel)
    {
        letter.ReferenceNumber = await numbers.GetAsync(letter, letter.RegisteredAt, cancel);
        Register(letter);
        Number(db, outbox, letter, letter.RegisteredBy, time.GetUtcNow());
        await AcknowledgeAsync(letter, cancel);
        try
        {
            await db.SaveChangesAsync(cancel);
            return letter;
        }
        catch (DbUpdateConcurrencyException)
        {
            // Somebody else finished it meanwhile, with the same number.
            db.ChangeTracker.Clear();
            return await db.Letters.FirstAsync(row => row.Id == letter.Id, cancel);
        }
    }

    /// <summary>Makes a letter registered; the caller saves.</summary>
    public void Register(Letter letter)
    {
        letter.Status = LetterStatus.Registered;
        db.Add(letter.Record(TimelineKind.Registered, letter.RegisteredBy, letter.RegisteredAt));
        outbox.Add(
            new LetterRegistered(
                letter.Id, WireEnum.Name(letter.Direction), letter.Subject, WireEnum.Name(letter.Language), WireEnum.Name(letter.Urgency),
                WireEnum.Name(letter.Confidentiality), letter.OwnerUnitId, letter.ReferenceNumber, letter.DocumentDate, letter.RegisteredAt),
            letter.RegisteredBy);
    }

    // The sender of an incoming letter learns that it is registered, where the letter's type has words for it.
    private async Task AcknowledgeAsync(Letter letter, CancellationToken cancel)
    {
        if (letter is { LetterTypeId: { } id, LetterTypeVersion: { } version } && await settings.TypeAsync(id, version, cancel) is { AcknowledgementAr: { } ar, AcknowledgementEn: { } en })
            outbox.Add(
                new AcknowledgementRequested(
                    letter.Id, letter.ReferenceNumber, letter.SenderName, letter.SenderReference, WireEnum.Name(letter.Language),
                    AcknowledgementText.Fill(ar, letter, letter.SubjectAr), AcknowledgementText.Fill(en, letter, letter.SubjectEn), letter.RegisteredAt),
                letter.RegisteredBy);
    }

    /// <summary>Tells that a letter has got its number; the caller saves.</summary>
    public static void Number(CorrespondenceDbContext db, IOutbox outbox, Letter letter, string actor, DateTimeOffset now)
    {
        var entry = letter.Record(TimelineKind.Numbered, actor, now);
        entry.ReferenceNumber = letter.ReferenceNumber;
        db.Add(entry);
        outbox.Add(new LetterNumbered(letter.Id, letter.ReferenceNumber!, now), actor);
    }
}
