using Microsoft.Net.Http.Headers;
using Tarasol.Numbering.Numbers;

namespace Tarasol.Numbering.Catalogue;

/// <summary>What a series is now, as an entity tag: masks are only ever added to it, and it closes once. Compared while the series are locked, so that of two changes at the same moment one is refused.</summary>
public static class SeriesTag
{
    /// <summary>True when the caller named versions in If-Match and the series is none of them any more.</summary>
    public static bool IsOutdated(HttpContext context, Series series, int maskChanges)
    {
        var wanted = context.Request.GetTypedHeaders().IfMatch;
        return wanted.Count > 0 && !wanted.Any(tag => tag.Compare(Of(series, maskChanges), useStrongComparison: true) || tag.Equals(EntityTagHeaderValue.Any));
    }

    /// <summary>Puts the tag into the answer.</summary>
    public static void Tell(HttpContext context, Series series, int maskChanges) => context.Response.Headers.ETag = Of(series, maskChanges).ToString();

    private static EntityTagHeaderValue Of(Series series, int maskChanges) => new(series.ClosedAt is null ? $"\"{maskChanges}\"" : $"\"{maskChanges}-closed\"");
}
