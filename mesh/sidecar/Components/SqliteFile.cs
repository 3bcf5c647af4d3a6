using Microsoft.Data.Sqlite;

namespace Tarasol.Sidecar.Components;

/// <summary>Connection strings as Dapr's SQLite components write them: a path, file:path?options, or :memory:.</summary>
internal static class SqliteFile
{
    /// <summary>
    /// A connection string for Microsoft.Data.Sqlite; null when <paramref name="text"/> is empty. Relative paths start from
    /// <paramref name="workingDirectory"/>; a missing folder is made.
    /// </summary>
    public static string? ConnectionString(string text, string workingDirectory, TimeSpan busyTimeout)
    {
        text = text.Trim();
        if (text.Length == 0)
            return null;
        var path = text.StartsWith("file:", StringComparison.Ordinal) ? text["file:".Length..] : text;
        var query = path.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0)
            path = path[..query];
        var builder = new SqliteConnectionStringBuilder { DefaultTimeout = Math.Max(1, (int)Math.Ceiling(busyTimeout.TotalSeconds)) };
        if (path is ":memory:" or "")
        {
            builder.DataSource = $"memory-{Guid.NewGuid():N}";
            builder.Mode = SqliteOpenMode.Memory;
            builder.Cache = SqliteCacheMode.Shared;
            return builder.ToString();
        }
        builder.DataSource = Path.GetFullPath(Path.Combine(workingDirectory, path));
        Directory.CreateDirectory(Path.GetDirectoryName(builder.DataSource)!);
        return builder.ToString();
    }
}
