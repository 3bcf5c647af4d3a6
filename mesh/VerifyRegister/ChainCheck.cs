using System.Globalization;
using System.Text.Json;

namespace Tarasol.Mesh.VerifyRegister;

/// <summary>Goes through the entries of one series in their order and says of each what is not as it must be.</summary>
internal sealed class ChainCheck(NumbersSeen numbers)
{
    private const long LongestBlock = 1000;
    private readonly Dictionary<string, long> last = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Block> blocks = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Period, long Sequence), Given> given = [];
    private readonly List<(string FromPeriod, string Mask)> masks = [];
    private Definition? definition;
    private bool closed;
    private bool carryingOver = true;

    /// <summary>Entries so far.</summary>
    public long Position { get; private set; }

    /// <summary>Hash of the last entry.</summary>
    public string Hash { get; private set; } = new('0', 64);

    /// <summary>What was found in each period: the last number, and how many of all are void or wait in blocks.</summary>
    public IEnumerable<(string Period, long Last, int Void, long Waiting)> Periods => last.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => (
        each.Key, each.Value,
        given.Count(one => one.Key.Period == each.Key && one.Value.IsVoid) + (int)blocks.Values.Where(block => block.Entry.Period == each.Key && block.IsReleased).Sum(block => block.Entry.Last - block.Next + 1),
        blocks.Values.Where(block => block.Entry.Period == each.Key && !block.IsReleased).Sum(block => block.Entry.Last - block.Next + 1)));

    /// <summary>Hashes seen, by position, for a comparison with an earlier export.</summary>
    public Dictionary<long, string> Hashes { get; } = [];

    /// <summary>What is wrong with the next entry.</summary>
    public IEnumerable<string> Add(ExportLine entry)
    {
        if (entry.Position != Position + 1)
            yield return entry.Position > Position + 1
                ? $"entries {Position + 1} to {entry.Position - 1} are missing before it"
                : $"position {entry.Position} was there before; {Position + 1} is expected";
        if (entry.PreviousHash != Hash)
            yield return "it does not name the hash of the entry before it";
        if (entry.Compute() != entry.Hash)
            yield return "its content does not have its hash: it was changed";
        if (!DateTimeOffset.TryParseExact(entry.At, "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
            yield return $"its time '{entry.At}' is not in the form of the register";
        (Position, Hash, Hashes[entry.Position]) = (entry.Position, entry.Hash, entry.Hash);

        foreach (var wrong in Act(entry))
            yield return wrong;
    }

    private IEnumerable<string> Act(ExportLine entry)
    {
        if (entry.Kind == "opened")
            return Open(entry);
        if (definition is null)
            return ["the series was not opened before"];
        if (entry.Kind is not "allocated" || entry.Day.Length > 0)
            carryingOver = false;
        try
        {
            return entry.Kind switch
            {
                "mask-changed" => ChangeMask(entry),
                "closed" => Close(entry),
                "allocated" => Allocate(entry).ToList(),
                "reserved" => Reserve(entry).ToList(),
                "taken" => Take(entry).ToList(),
                "released" => Release(entry).ToList(),
                "voided" => Void(entry).ToList(),
                _ => [$"its kind '{entry.Kind}' is unknown"],
            };
        }
        catch (Exception unlike) when (unlike is FormatException or ArgumentOutOfRangeException)
        {
            return [unlike.Message];
        }
    }

    private IReadOnlyList<string> Open(ExportLine entry)
    {
        if (definition is not null)
            return ["the series was opened before"];
        try
        {
            var read = JsonSerializer.Deserialize<Definition>(entry.Text, MeshJson.Options);
            if (read is not { Direction: not null, Unit: not null, Type: not null, Reset: not null, Mask: not null })
                return ["its definition is not complete"];
            definition = read;
            masks.Add(("", definition.Mask));
            return Wrong(definition.Reset is not ("gregorian" or "hijri"), $"the reset '{definition.Reset}' is unknown")
                .Concat(Nothing(entry)).ToList();
        }
        catch (JsonException malformed)
        {
            return [$"its definition cannot be read: {malformed.Message}"];
        }
    }

    private IReadOnlyList<string> ChangeMask(ExportLine entry)
    {
        masks.Add((entry.Period, entry.Text));
        return [.. Wrong(closed, "the series was closed before"), .. Wrong(entry is not { First: 0, Last: 0 }, "it names numbers although it gives none")];
    }

    private IReadOnlyList<string> Close(ExportLine entry)
    {
        var before = closed;
        closed = true;
        return [.. Wrong(before, "the series was closed before"), .. Nothing(entry)];
    }

    private IEnumerable<string> Allocate(ExportLine entry)
    {
        foreach (var wrong in Wrong(closed, "a number was given after the series was closed").Concat(Next(entry)).Concat(Wrong(entry.First != entry.Last, "it gives several numbers at once")))
            yield return wrong;
        if (entry.LetterId.Length == 0)
            yield return "it gives a number to no letter";
        if (entry.BlockId.Length > 0)
            yield return "it names a block although the number comes from none";
        foreach (var wrong in Look(entry, entry.Day.Length > 0 ? null : "", MaskIn(entry.Period)).Concat(Give(entry)))
            yield return wrong;
    }

    private IEnumerable<string> Reserve(ExportLine entry)
    {
        foreach (var wrong in Wrong(closed, "numbers were kept after the series was closed").Concat(Next(entry)))
            yield return wrong;
        if (entry.BlockId.Length == 0)
            yield return "it names no block";
        if (entry.LetterId.Length > 0)
            yield return "it names a letter although it gives no number";
        if (entry.Last < entry.First || entry.Last - entry.First >= LongestBlock)
            yield return $"a block has 1 to {LongestBlock} numbers, not those from {entry.First} to {entry.Last}";
        else if (!blocks.TryAdd(entry.BlockId, new(entry, MaskIn(entry.Period)) { Next = entry.First }))
            yield return $"the block {entry.BlockId} was kept before";
        else
        {
            foreach (var wrong in Look(entry, null, MaskIn(entry.Period)))
                yield return wrong;
            for (var sequence = entry.First; sequence <= entry.Last; sequence++)
            {
                foreach (var wrong in numbers.Number(Written(entry, MaskIn(entry.Period), sequence), entry))
                    yield return wrong;
            }
        }
    }

    private IEnumerable<string> Take(ExportLine entry)
    {
        if (BlockOf(entry) is not { } block)
        {
            yield return $"the block {entry.BlockId} was never kept";
            yield break;
        }
        if (block.IsReleased)
            yield return "the block was released before";
        if (entry.First != block.Next || entry.Last != entry.First || entry.First > block.Entry.Last)
            yield return $"number {block.Next} of the block is the next one (of {block.Entry.First} to {block.Entry.Last}), not {entry.First}";
        if (entry.LetterId.Length == 0 && entry.Text.Length == 0)
            yield return "it says neither for which letter nor for what";
        block.Next = entry.First + 1;
        foreach (var wrong in SameAs(block, entry).Concat(Look(entry, null, block.Mask)).Concat(Give(entry, ofBlock: true)))
            yield return wrong;
    }

    private IEnumerable<string> Release(ExportLine entry)
    {
        if (BlockOf(entry) is not { } block)
        {
            yield return $"the block {entry.BlockId} was never kept";
            yield break;
        }
        if (block.IsReleased)
            yield return "the block was released before";
        if ((entry.First, entry.Last) != (block.Next, block.Entry.Last))
            yield return $"numbers {block.Next} to {block.Entry.Last} are left of the block, not {entry.First} to {entry.Last}";
        block.IsReleased = true;
        foreach (var wrong in SameAs(block, entry).Concat(Look(entry, null, block.Mask)).Concat(Reason(entry)))
            yield return wrong;
    }

    private IEnumerable<string> Void(ExportLine entry)
    {
        if (entry.First != entry.Last || !given.TryGetValue((entry.Period, entry.First), out var number))
        {
            yield return $"number {entry.First} of {entry.Period} was never given";
            yield break;
        }
        if (number.IsVoid)
            yield return "the number was void before";
        number.IsVoid = true;
        if (entry.ReferenceNumber != number.Entry.ReferenceNumber)
            yield return $"the number is {number.Entry.ReferenceNumber}, not {entry.ReferenceNumber}";
        if ((entry.LetterId, entry.BlockId) != (number.Entry.LetterId, number.Entry.BlockId))
            yield return "it names another letter or block than the number was given with";
        foreach (var wrong in Reason(entry))
            yield return wrong;
    }

    // The numbers of a period run from 1 without a gap.
    private IEnumerable<string> Next(ExportLine entry)
    {
        var expected = last.GetValueOrDefault(entry.Period) + 1;
        if (entry.First != expected)
            yield return entry.First > expected
                ? $"numbers {expected} to {entry.First - 1} of {entry.Period} are missing: a gap"
                : $"number {entry.First} of {entry.Period} was given or kept before: a duplicate";
        last[entry.Period] = Math.Max(entry.Last, expected - 1);
    }

    private IEnumerable<string> Give(ExportLine entry, bool ofBlock = false)
    {
        if (!given.TryAdd((entry.Period, entry.First), new(entry)))
            yield return $"number {entry.First} of {entry.Period} was given before: a duplicate";
        // Numbers of blocks were seen when they were kept.
        foreach (var wrong in (ofBlock ? [] : numbers.Number(entry.ReferenceNumber, entry)).Concat(entry.LetterId.Length > 0 ? numbers.Letter(entry) : []))
            yield return wrong;
    }

    private IEnumerable<string> Look(ExportLine entry, string? unknownDay, string mask)
    {
        if (unknownDay is not null)
        {
            if (!carryingOver)
                yield return "it has no day, which only numbers from before the register may lack";
            else if (!NumberLook.Could(entry.ReferenceNumber, mask, definition!.Direction, definition.Type, definition.Reset, entry.Period, entry.First))
                yield return $"'{entry.ReferenceNumber}' is not what the mask '{mask}' writes for number {entry.First} of {entry.Period}";
            yield break;
        }
        if (NumberLook.Year(Day(entry), definition!.Reset) is var year && year != entry.Period)
            yield return $"its day {entry.Day} is of the {definition.Reset} year {year}, not {entry.Period}: the sequence began again at the wrong time";
        if (Written(entry, mask, entry.First) is var written && written != entry.ReferenceNumber)
            yield return $"number {entry.First} is written '{written}', not '{entry.ReferenceNumber}'";
    }

    private string Written(ExportLine entry, string mask, long sequence) => NumberLook.Write(mask, definition!.Direction, definition.Type, entry.Unit, Day(entry), sequence);

    private string MaskIn(string period) => masks.Last(mask => string.CompareOrdinal(mask.FromPeriod, period) <= 0).Mask;

    private Block? BlockOf(ExportLine entry) => blocks.GetValueOrDefault(entry.BlockId);

    private static IEnumerable<string> SameAs(Block block, ExportLine entry) =>
        Wrong((entry.Period, entry.Unit, entry.Day) != (block.Entry.Period, block.Entry.Unit, block.Entry.Day), "its period, unit or day are not those of the block");

    private static IEnumerable<string> Reason(ExportLine entry) => Wrong(string.IsNullOrWhiteSpace(entry.Text), "it gives no reason");

    private static IEnumerable<string> Nothing(ExportLine entry) =>
        Wrong(entry is not { First: 0, Last: 0, ReferenceNumber: "", LetterId: "", BlockId: "" }, "it names numbers although it gives none");

    private static IEnumerable<string> Wrong(bool holds, string what) => holds ? [what] : [];

    private static DateOnly Day(ExportLine entry) => DateOnly.TryParseExact(entry.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        ? day : throw new FormatException($"its day '{entry.Day}' is not a date");

    private sealed record Definition(string Direction, string Unit, bool Subtree, string Type, string Reset, string Mask);

    private sealed record Block(ExportLine Entry, string Mask)
    {
        public long Next { get; set; }

        public bool IsReleased { get; set; }
    }

    private sealed record Given(ExportLine Entry)
    {
        public bool IsVoid { get; set; }
    }
}

/// <summary>What no two entries of a tenant may have in common, whichever series they are of.</summary>
internal sealed class NumbersSeen
{
    private readonly Dictionary<string, string> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> letters = new(StringComparer.Ordinal);

    public IEnumerable<string> Number(string number, ExportLine entry) =>
        numbers.TryAdd(number, Place(entry)) ? [] : [$"the number {number} was there before, at {numbers[number]}: a duplicate"];

    public IEnumerable<string> Letter(ExportLine entry) =>
        letters.TryAdd(entry.LetterId, Place(entry)) ? [] : [$"the letter {entry.LetterId} had a number before, at {letters[entry.LetterId]}"];

    private static string Place(ExportLine entry) => $"line {entry.Number} ({entry.Series} {entry.Position})";
}
