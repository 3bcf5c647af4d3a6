using System.Text.Json;

namespace Tarasol.Mesh.Up;

/// <summary>Finds, in the last lines of a process that has ended, the one that says why.</summary>
internal static class FailureText
{
    private static readonly string[] BadLevels = ["fatal", "error", "critical"];

    public static string Find(IReadOnlyList<string> lines)
    {
        var said = lines.Where(line => !line.StartsWith("--- ", StringComparison.Ordinal) && line.Trim().Length > 0).ToList();
        return Unhandled(said) ?? Fatal(said) ?? said.AsEnumerable().Reverse().Select(FromJson).FirstOrDefault(text => text is not null)
            ?? said.LastOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase) || line.StartsWith("fail", StringComparison.Ordinal))?.Trim()
            ?? said.LastOrDefault()?.Trim() ?? "it wrote nothing";
    }

    private static string? Unhandled(List<string> lines)
    {
        const string mark = "Unhandled exception. ";
        return lines.LastOrDefault(line => line.StartsWith(mark, StringComparison.Ordinal))?[mark.Length..];
    }

    /// <summary>The sidecar host, like many command-line programs, says why it ends in a line of this form.</summary>
    private static string? Fatal(List<string> lines)
    {
        const string mark = "fatal: ";
        return lines.LastOrDefault(line => line.StartsWith(mark, StringComparison.Ordinal))?[mark.Length..];
    }

    /// <summary>One ECS line: its message, and that of the exception with it.</summary>
    private static string? FromJson(string line)
    {
        if (!line.StartsWith('{'))
            return null;
        try
        {
            using var json = JsonDocument.Parse(line);
            if (!BadLevels.Contains(Text(json.RootElement, "log.level", "log", "level")?.ToLowerInvariant()))
                return null;
            var message = Text(json.RootElement, "message");
            var error = Text(json.RootElement, "error.message", "error", "message");
            return (message, error) switch
            {
                (null, _) => error,
                (_, null) => message,
                _ => message.Contains(error, StringComparison.Ordinal) ? message : $"{message} {error}",
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A member by its dotted name, or by the path of nested objects: ECS writers do both.</summary>
    private static string? Text(JsonElement element, string flat, params string[] path)
    {
        if (element.TryGetProperty(flat, out var direct))
            return direct.ValueKind == JsonValueKind.String ? direct.GetString() : null;
        foreach (var name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return null;
        }

        return path.Length > 0 && element.ValueKind == JsonValueKind.String ? element.GetString() : null;
    }
}
