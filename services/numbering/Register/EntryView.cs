namespace Tarasol.Numbering.Register;

/// <summary>An entry as the API and the export show it, with all that its hash is made of.</summary>
/// <param name="Series">Key of the series.</param>
/// <param name="Position">Place in the series' chain, from 1.</param>
/// <param name="Kind">What happened.</param>
/// <param name="Period">Year of the sequence; of a mask the first year in which it holds; empty: none.</param>
/// <param name="First">The number; 0: the entry is of none.</param>
/// <param name="Last">The last of several; else the same.</param>
/// <param name="ReferenceNumber">How the first looks; empty: none.</param>
/// <param name="LetterId">The letter.</param>
/// <param name="BlockId">The block.</param>
/// <param name="Unit">Code that fills {unit}.</param>
/// <param name="Day">Day that fills {year} and {hijri}.</param>
/// <param name="Text">Definition, mask, purpose, note or reason.</param>
/// <param name="Actor">Who caused it.</param>
/// <param name="At">When, as it is hashed.</param>
/// <param name="PreviousHash">Hash of the entry before.</param>
/// <param name="Hash">Its own.</param>
public sealed record EntryView(
    string Series, long Position, EntryKind Kind, string Period, long First, long Last, string ReferenceNumber,
    Guid? LetterId, Guid? BlockId, string Unit, string Day, string Text, string Actor, string At, string PreviousHash, string Hash)
{
    public static EntryView Of(RegisterEntry entry) => new(
        entry.Series, entry.Position, entry.Kind, entry.Period, entry.First, entry.Last, entry.ReferenceNumber, entry.LetterId, entry.BlockId, entry.Unit, entry.Day, entry.Text,
        entry.Actor, EntryHash.Canonical(entry.At), entry.PreviousHash, entry.Hash);
}
