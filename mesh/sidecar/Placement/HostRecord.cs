using System.Text.Json.Serialization;

namespace Tarasol.Sidecar.Placement;

/// <summary>A host as it stands in an actor state store.</summary>
/// <param name="Host">Another one with every start.</param>
/// <param name="Machine">Where it runs.</param>
/// <param name="Process">Its number there.</param>
/// <param name="Started">Tells it apart from a later process of the same number.</param>
/// <param name="Address">host:port of its internal port.</param>
/// <param name="Until">It is taken for dead then, if it has not renewed this.</param>
internal sealed record HostRecord(string Host, string Machine, int Process, DateTime Started, string Address, DateTimeOffset Until)
{
    public override string ToString() => $"process {Process} on {Machine}";
}

[JsonSerializable(typeof(HostRecord))]
internal sealed partial class HostRecordJson : JsonSerializerContext;
