using System.Globalization;
using System.Text;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Numbering.Masks;

/// <summary>
/// How the reference numbers of a series look: fixed text with the placeholders {unit}, {type}, {year}, {hijri}, {direction} and {seq} or {seq:width},
/// for example <c>IN/{unit}/{year}/{seq:5}</c>. Two different places in a series never look alike: the parser refuses masks that could do so. Whether two masks
/// could, <see cref="NumberPattern"/> tells.
/// </summary>
public sealed class NumberMask
{
    /// <summary>Longest mask.</summary>
    public const int MaxLength = 100;

    private const int MaxWidth = 18;
    private static readonly UmAlQuraCalendar Hijri = new();
    private static readonly Text Empty = new("The mask is empty.", "القناع فارغ.");
    private static readonly Text TooLong = new("The mask has more than {0} characters.", "يتجاوز القناع {0} حرف.");
    private static readonly Text NotClosed = new("The placeholder is not closed; write }} for it to end.", "العنصر النائب غير مغلق؛ أضف }}.");
    private static readonly Text NotOpened = new("There is a }} without its {{.", "يوجد }} بلا {{.");
    private static readonly Text Unknown = new("{{{0}}} is not known; use unit, type, year, hijri, direction or seq.", "{{{0}}} غير معروف؛ استخدم unit أو type أو year أو hijri أو direction أو seq.");
    private static readonly Text NoWidth = new("{{{0}}} takes no width; only seq does.", "{{{0}}} لا يقبل عرضا؛ seq فقط يقبله.");
    private static readonly Text BadWidth = new("The width of seq must be a number from 1 to {0}.", "عرض seq يجب أن يكون عددا من 1 إلى {0}.");
    private static readonly Text BadCharacter = new("Control characters are not allowed.", "لا يسمح بأحرف التحكم.");
    private static readonly Text NoSequence = new("{{seq}} is missing: every number of the series would be the same.", "ينقص {{seq}}: ستتطابق أرقام السلسلة كلها.");
    private static readonly Text TwoSequences = new("{{seq}} is there twice.", "ورد {{seq}} مرتين.");
    private static readonly Text NoYear = new("{{year}} is missing: the sequence begins again every year.", "ينقص {{year}}: يبدأ التسلسل من جديد كل سنة.");
    private static readonly Text NoHijri = new("{{hijri}} is missing: the sequence begins again every Hijri year.", "ينقص {{hijri}}: يبدأ التسلسل من جديد كل سنة هجرية.");
    private static readonly Text NoType = new("{{type}} is for series of one letter type only.", "{{type}} لسلاسل نوع واحد من الخطابات فقط.");
    private static readonly Text NoSeparator = new("{{seq}} needs a separator such as / or - on both sides, unless the mask ends there.", "يلزم فاصل مثل / أو - على جانبي {{seq}} ما لم ينته القناع عنده.");

    private readonly IReadOnlyList<Part> parts;

    private NumberMask(string text, IReadOnlyList<Part> parts)
    {
        Text = text;
        this.parts = parts;
    }

    internal enum PartKind
    {
        Literal,
        Unit,
        Type,
        Year,
        Hijri,
        Direction,
        Seq,
    }

    /// <summary>The mask as it was written.</summary>
    public string Text { get; }

    /// <summary>True when it has {unit}.</summary>
    public bool ShowsUnit => parts.Any(part => part.Kind == PartKind.Unit);

    internal IReadOnlyList<Part> Parts => parts;

    /// <summary>Reads a mask. Throws <see cref="FormatException"/>, which says what is wrong and where.</summary>
    public static NumberMask Parse(string text, YearCalendar reset = YearCalendar.Gregorian, bool typed = false) =>
        TryParse(text, out var mask, out var error, reset, typed) ? mask! : throw new FormatException($"Number mask '{text}', position {error!.Position}: {error.Message}");

    /// <summary>Reads a mask; false with what is wrong.</summary>
    /// <param name="text">The mask.</param>
    /// <param name="mask">What was read.</param>
    /// <param name="error">What is wrong, and where.</param>
    /// <param name="reset">The calendar with whose years the sequence begins again: the mask must show that year.</param>
    /// <param name="typed">True for a series of one letter type, which may show it.</param>
    public static bool TryParse(string? text, out NumberMask? mask, out MaskError? error, YearCalendar reset = YearCalendar.Gregorian, bool typed = false)
    {
        mask = null;
        if (string.IsNullOrWhiteSpace(text))
            return Fail(0, Empty.ToString(), out error);
        if (text.Length > MaxLength)
            return Fail(MaxLength, TooLong.With(MaxLength), out error);
        var parts = new List<Part>();
        error = Read(text, parts) ?? Check(text, parts, reset, typed);
        if (error is not null)
            return false;
        mask = new(text, parts);
        return true;
    }

    /// <summary>The reference number of a place in the series.</summary>
    /// <param name="unit">Code of the unit that owns the letter.</param>
    /// <param name="direction">The letter's direction: IN, OUT or INT.</param>
    /// <param name="date">Gives {year} and {hijri} (Umm al-Qura); must be within <see cref="Supports"/>.</param>
    /// <param name="sequence">From 1; a sequence with more digits than its width is written in full.</param>
    /// <param name="type">Code of the letter type that the series is for.</param>
    public string Format(string unit, Direction direction, DateOnly date, long sequence, string type = "")
    {
        var number = new StringBuilder();
        foreach (var part in parts)
        {
            number.Append(part.Kind switch
            {
                PartKind.Unit => unit,
                PartKind.Type => type,
                PartKind.Direction => Short(direction),
                PartKind.Year => YearOf(date, YearCalendar.Gregorian),
                PartKind.Hijri => YearOf(date, YearCalendar.Hijri),
                PartKind.Seq => sequence.ToString(CultureInfo.InvariantCulture).PadLeft(part.Width, '0'),
                _ => part.Literal,
            });
        }
        return number.ToString();
    }

    /// <summary>True for dates of which the Hijri year is known (Umm al-Qura: 1900 to 2077).</summary>
    public static bool Supports(DateOnly date) => date.ToDateTime(default) is var day && day >= Hijri.MinSupportedDateTime && day <= Hijri.MaxSupportedDateTime;

    /// <summary>The year of a day with four digits; of a supported one for the Hijri calendar.</summary>
    public static string YearOf(DateOnly date, YearCalendar calendar) =>
        (calendar == YearCalendar.Hijri ? Hijri.GetYear(date.ToDateTime(default)) : date.Year).ToString("0000", CultureInfo.InvariantCulture);

    /// <summary>True when the masks differ at most in the width of {seq}.</summary>
    public bool IsLike(NumberMask other) =>
        parts.Select(part => (part.Kind, part.Literal)).SequenceEqual(other.parts.Select(part => (part.Kind, part.Literal)));

    /// <inheritdoc/>
    public override string ToString() => Text;

    internal static string Short(Direction direction) => direction switch
    {
        Direction.Incoming => "IN",
        Direction.Outgoing => "OUT",
        _ => "INT",
    };

    private static MaskError? Read(string text, List<Part> parts)
    {
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '}')
                return new(at, NotOpened.With());
            if (text[at] != '{')
            {
                var end = text.AsSpan(at).IndexOfAny('{', '}') is var length and >= 0 ? at + length : text.Length;
                var literal = text[at..end];
                if (literal.Any(char.IsControl))
                    return new(at + literal.TakeWhile(each => !char.IsControl(each)).Count(), BadCharacter.ToString());
                parts.Add(new(PartKind.Literal, at, literal, 0));
                at = end;
                continue;
            }
            var close = text.IndexOf('}', at);
            if (close < 0)
                return new(at, NotClosed.With());
            if (ReadPlaceholder(text[(at + 1)..close], at, parts) is { } wrong)
                return wrong;
            at = close + 1;
        }
        return null;
    }

    private static MaskError? ReadPlaceholder(string inside, int at, List<Part> parts)
    {
        var (name, width) = inside.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0 ? (inside[..colon], inside[(colon + 1)..]) : (inside, null);
        PartKind? kind = name switch
        {
            "unit" => PartKind.Unit,
            "type" => PartKind.Type,
            "year" => PartKind.Year,
            "hijri" => PartKind.Hijri,
            "direction" => PartKind.Direction,
            "seq" => PartKind.Seq,
            _ => null,
        };
        if (kind is not { } known)
            return new(at, Unknown.With(name));
        var digits = 0;
        if (width is not null)
        {
            if (known != PartKind.Seq)
                return new(at, NoWidth.With(name));
            if (!int.TryParse(width, NumberStyles.None, CultureInfo.InvariantCulture, out digits) || digits is < 1 or > MaxWidth)
                return new(at, BadWidth.With(MaxWidth));
        }
        parts.Add(new(known, at, "", digits));
        return null;
    }

    private static MaskError? Check(string text, List<Part> parts, YearCalendar reset, bool typed)
    {
        var sequences = parts.Where(part => part.Kind == PartKind.Seq).ToList();
        if (sequences.Count == 0)
            return new(text.Length, NoSequence.With());
        if (sequences.Count > 1)
            return new(sequences[1].Position, TwoSequences.With());
        if (parts.TrueForAll(part => part.Kind != (reset == YearCalendar.Hijri ? PartKind.Hijri : PartKind.Year)))
            return new(text.Length, (reset == YearCalendar.Hijri ? NoHijri : NoYear).With());
        if (!typed && parts.Find(part => part.Kind == PartKind.Type) is { } type)
            return new(type.Position, NoType.With());
        // Otherwise unit A1 with sequence 2 could look like unit A with sequence 12.
        var place = parts.IndexOf(sequences[0]);
        var apart = (place == 0 || Separates(parts[place - 1], last: true)) && (place == parts.Count - 1 || Separates(parts[place + 1], last: false));
        return apart ? null : new(sequences[0].Position, NoSeparator.With());
    }

    private static bool Separates(Part neighbour, bool last) =>
        neighbour.Kind == PartKind.Literal && !char.IsLetterOrDigit(last ? neighbour.Literal[^1] : neighbour.Literal[0]);

    private static bool Fail(int position, string message, out MaskError? error)
    {
        error = new(position, message);
        return false;
    }

    internal sealed record Part(PartKind Kind, int Position, string Literal, int Width);
}

/// <summary>What is wrong with a mask.</summary>
/// <param name="Position">From 0.</param>
/// <param name="Message">In the caller's language.</param>
public sealed record MaskError(int Position, string Message);
