using Microsoft.Net.Http.Headers;

namespace Tarasol.Administration.Settings;

/// <summary>A setting's row version as an entity tag.</summary>
public static class SettingTag
{
    /// <summary>True when the caller named versions in If-Match and the setting has none of them any more.</summary>
    public static bool IsOutdated(HttpContext context, Setting setting)
    {
        var wanted = context.Request.GetTypedHeaders().IfMatch;
        return wanted.Count > 0 && !wanted.Any(tag => tag.Compare(Of(setting), useStrongComparison: true) || tag.Equals(EntityTagHeaderValue.Any));
    }

    /// <summary>Puts the tag into the answer.</summary>
    public static void Tell(HttpContext context, Setting setting) => context.Response.Headers.ETag = Of(setting).ToString();

    private static EntityTagHeaderValue Of(Setting setting) => new($"\"{setting.RowVersion}\"");
}
