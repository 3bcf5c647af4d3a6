namespace Tarasol.Sidecar.Bindings;

/// <summary>One configured output binding component.</summary>
internal interface IOutputBinding
{
    IReadOnlyList<string> Operations { get; }

    /// <summary>Null when the operation has no answer (204). Throws <see cref="BindingException"/> with words for the caller.</summary>
    Task<BindingResult?> InvokeAsync(string operation, ReadOnlyMemory<byte> data, IReadOnlyDictionary<string, string> metadata, CancellationToken cancel);
}

internal sealed record BindingResult(ReadOnlyMemory<byte> Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>What the binding could not do; the metadata of its answer is sent also then.</summary>
internal sealed class BindingException(string problem) : Exception(problem)
{
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
