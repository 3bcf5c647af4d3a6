using System.Globalization;
using System.Text.RegularExpressions;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Sizes as Kubernetes writes them: bytes, or a number with a unit such as 4Mi or 16k.</summary>
internal static partial class ByteSize
{
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        if (Pattern().Match(text) is not { Success: true } match || !double.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var number))
            return false;
        bytes = (long)(number * match.Groups[2].Value switch
        {
            "Ki" => 1024L,
            "Mi" => 1024 * 1024,
            "Gi" => 1024 * 1024 * 1024,
            "k" or "K" => 1000,
            "M" => 1000 * 1000,
            "G" => 1000 * 1000 * 1000,
            _ => 1,
        });
        return true;
    }

    [GeneratedRegex(@"^(-?\d+(?:\.\d+)?)(Ki|Mi|Gi|k|K|M|G)?$")]
    private static partial Regex Pattern();
}
