extern alias worker;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Protobuf;
using P = worker::Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>One line of a recorded dialogue between Dapr's .NET worker and daprd 1.18.3.</summary>
internal sealed record Line(string Dialogue, int Number, bool FromWorker, string Method, JsonNode Message)
{
    public override string ToString() => $"{Dialogue} line {Number} ({Method})";
}

/// <summary>Reads dialogues, and holds messages against them. Times, ids and stacks are masked there: an id stands for the same value wherever it is.</summary>
internal sealed partial class Dialogue
{
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default);
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default);

    private readonly Dictionary<string, string> _ids = [];

    public static IEnumerable<string> Names =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Workflows", "Dialogues"), "*.jsonl").Select(file => Path.GetFileNameWithoutExtension(file)!).Order();

    public static List<Line> Read(string name) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Workflows", "Dialogues", $"{name}.jsonl")).Select((text, at) =>
        {
            var line = JsonNode.Parse(text)!;
            return new Line(name, at + 1, line["dir"]!.GetValue<string>() == "worker->sidecar", line["method"]!.GetValue<string>(), line["message"]!);
        }),
    ];

    /// <summary>The message of a line, with values where it has masks.</summary>
    public T Message<T>(JsonNode recorded) where T : IMessage, new()
    {
        var text = recorded.ToJsonString().Replace("\\u003C", "<", StringComparison.Ordinal).Replace("\\u003E", ">", StringComparison.Ordinal)
            .Replace("<time>", DateTime.UtcNow.AddMilliseconds(50).ToString("O"), StringComparison.Ordinal);
        foreach (Match mask in IdMask().Matches(text))
        {
            _ids.TryAdd(mask.Value, mask.Value.Trim('<', '>'));
        }

        return Parser.Parse<T>(Unmask(text));
    }

    private string Unmask(string text) => _ids.Aggregate(text, (all, id) => all.Replace(id.Key, id.Value, StringComparison.Ordinal));

    [GeneratedRegex("<id-[0-9]+>")]
    private static partial Regex IdMask();

    /// <summary>What differs between a recorded and a real message; null: nothing.</summary>
    public string? Difference(JsonNode recorded, IMessage real)
    {
        var before = new Dictionary<string, string>(_ids);
        if (Difference("", recorded, JsonNode.Parse(Formatter.Format(real))) is not { } difference)
        {
            return null;
        }

        _ids.Clear();
        foreach (var (mask, id) in before)
        {
            _ids[mask] = id;
        }

        return difference;
    }

    private string? Difference(string at, JsonNode? recorded, JsonNode? real)
    {
        switch (recorded, real)
        {
            case (JsonObject expected, JsonObject actual):
                return expected.Select(member => member.Key).Union(actual.Select(member => member.Key))
                    .Select(name => Difference($"{at}/{name}", expected[name], actual[name])).FirstOrDefault(difference => difference is not null);
            case (JsonArray expected, JsonArray actual):
                return expected.Count != actual.Count
                    ? $"{at}: {expected.Count} recorded, {actual.Count} real: {actual.ToJsonString()}"
                    : expected.Select((item, i) => Difference($"{at}[{i}]", item, actual[i])).FirstOrDefault(difference => difference is not null);
            case (JsonValue expected, JsonValue actual):
                var (one, other) = (expected.ToString(), actual.ToString());
                if (one is "<time>" or "<hex>" or "<stack>")
                {
                    return null;
                }

                if (one.StartsWith("<id-", StringComparison.Ordinal))
                {
                    return _ids.TryAdd(one, other) || _ids[one] == other ? null : $"{at}: {one} was {_ids[one]} before, {other} now";
                }

                one = Unmask(one);
                return one == other ? null : $"{at}: recorded {one}, real {other}";
            default:
                return recorded is null && real is null ? null : $"{at}: recorded {recorded?.ToJsonString() ?? "nothing"}, real {real?.ToJsonString() ?? "nothing"}";
        }
    }
}
