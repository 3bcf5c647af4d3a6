using Microsoft.EntityFrameworkCore;

namespace Tarasol.Correspondence.Letters.Duplicates;

/// <summary>Letters that were registered before and may be the same one: the sender's own reference is the same, or the sender is and the subject is nearly, within a few days.</summary>
public static class LikelyDuplicates
{
    public static readonly TimeSpan Window = TimeSpan.FromDays(7);
    public const double NearlyTheSame = 0.85;
    private const int Most = 10;
    private const int MostCompared = 200;

    /// <param name="Reason">What is alike.</param>
    public sealed record Item(Guid LetterId, string? ReferenceNumber, string Subject, DateOnly DocumentDate, Reason Reason);

    public enum Reason
    {
        SenderReference,
        Subject,
    }

    /// <param name="visible">What the caller may see: nothing else is ever told.</param>
    /// <param name="letter">The new one.</param>
    /// <param name="cancel">Gives up waiting.</param>
    public static async Task<IReadOnlyList<Item>> FindAsync(IQueryable<Letter> visible, Letter letter, CancellationToken cancel)
    {
        var before = visible.AsNoTracking().Where(row => row.Direction == letter.Direction && row.Id < letter.Id);
        var found = new List<Item>();
        if (letter.SenderReferenceKey is { Length: > 0 } reference)
            found.AddRange((await before.Where(row => row.SenderReferenceKey == reference).OrderByDescending(row => row.Id).Take(Most)
                .Select(row => new { row.Id, row.ReferenceNumber, row.Subject, row.DocumentDate }).ToListAsync(cancel))
                .Select(row => new Item(row.Id, row.ReferenceNumber, row.Subject, row.DocumentDate, Reason.SenderReference)));
        if (letter is { SenderKey: { Length: > 0 } sender, SubjectKey: { Length: > 0 } subject })
        {
            var since = IdFloor.At(letter.RegisteredAt - Window);
            var near = await before.Where(row => row.SenderKey == sender && row.Id > since).OrderByDescending(row => row.Id).Take(MostCompared)
                .Select(row => new { row.Id, row.ReferenceNumber, row.Subject, row.SubjectKey, row.DocumentDate }).ToListAsync(cancel);
            found.AddRange(near.Where(row => found.TrueForAll(known => known.LetterId != row.Id) && TextKey.Likeness(subject, row.SubjectKey ?? "") >= NearlyTheSame)
                .Select(row => new Item(row.Id, row.ReferenceNumber, row.Subject, row.DocumentDate, Reason.Subject)));
        }
        return [.. found.Take(Most)];
    }
}
