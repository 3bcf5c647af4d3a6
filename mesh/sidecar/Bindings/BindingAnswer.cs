using System.Text.Json;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Bindings;

/// <summary>What an app may answer to an input event: data for output bindings, and state to save.</summary>
internal sealed record BindingAnswer(ReadOnlyMemory<byte> Data, IReadOnlyList<string> To, bool Parallel, string StoreName, IReadOnlyList<StateRequest> State)
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    /// <summary>Null for any body that asks for nothing: an app may answer whatever it likes.</summary>
    public static BindingAnswer? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            var answer = GoJson.Decode(body);
            if (answer.ValueKind != JsonValueKind.Object)
                return null;
            var to = answer.Member("to") is { ValueKind: JsonValueKind.Array } names ? names.EnumerateArray().Select(name => name.GetString() ?? "").ToList() : [];
            var state = answer.Member("state") is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray().Select(item => StateRequest.Read(item, NoMetadata, "SetRequest")).ToList() : [];
            return to.Count == 0 && state.Count == 0
                ? null
                : new BindingAnswer(
                    answer.Member("data") is { } data ? GoJson.Encode(data) : "null"u8.ToArray(), to,
                    answer.Text("concurrency", "AppResponse") == "parallel", answer.Text("storeName", "AppResponse") ?? "", state);
        }
        catch (Exception other) when (other is GoJsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
