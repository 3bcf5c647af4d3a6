using System.Globalization;
using System.Text.RegularExpressions;

namespace Tarasol.Mesh.VerifyRegister;

/// <summary>How numbers look by a mask, as docs/register.md describes it.</summary>
internal static partial class NumberLook
{
    private static readonly UmAlQuraCalendar Hijri = new();

    /// <summary>The number that the mask writes.</summary>
    public static string Write(string mask, string direction, string type, string unit, DateOnly day, long sequence) =>
        Placeholder().Replace(mask, hole => hole.Groups["name"].Value switch
        {
            "unit" => unit,
            "type" => type,
            "direction" => Short(direction),
            "year" => Year(day, "gregorian"),
            "hijri" => Year(day, "hijri"),
            "seq" => sequence.ToString($"D{(hole.Groups["width"].Success ? hole.Groups["width"].Value : "1")}", CultureInfo.InvariantCulture),
            _ => throw new FormatException($"the mask '{mask}' has the unknown placeholder {hole.Value}"),
        });

    /// <summary>Whether the mask could have written a number whose unit and day are not known.</summary>
    public static bool Could(string number, string mask, string direction, string type, string reset, string period, long sequence)
    {
        var form = new System.Text.StringBuilder(@"\A");
        var at = 0;
        foreach (Match hole in Placeholder().Matches(mask))
        {
            form.Append(Regex.Escape(mask[at..hole.Index]));
            form.Append((hole.Groups["name"].Value, reset) switch
            {
                ("unit", _) => ".+",
                ("year", "gregorian") or ("hijri", "hijri") => Regex.Escape(period),
                ("year" or "hijri", _) => "[0-9]{4}",
                _ => Regex.Escape(Write(hole.Value, direction, type, "", default, sequence)),
            });
            at = hole.Index + hole.Length;
        }
        return Regex.IsMatch(number, form.Append(Regex.Escape(mask[at..])).Append(@"\z").ToString(), RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }

    /// <summary>The year of a day in a calendar.</summary>
    public static string Year(DateOnly day, string calendar) =>
        (calendar == "hijri" ? Hijri.GetYear(day.ToDateTime(TimeOnly.MinValue)) : day.Year).ToString("D4", CultureInfo.InvariantCulture);

    private static string Short(string direction) => direction switch
    {
        "incoming" => "IN",
        "outgoing" => "OUT",
        "internal" => "INT",
        _ => throw new FormatException($"the direction '{direction}' is unknown"),
    };

    [GeneratedRegex(@"\{(?<name>[a-z]+)(:(?<width>[0-9]{1,2}))?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
