using System.Text.Json;

namespace Tarasol.Mesh.Up;

/// <summary>mesh.json: what runs on a data folder, for `mesh status` and for the next `mesh up` after a kill.</summary>
/// <param name="Url">The gateway; null when it was not started.</param>
internal sealed record MeshRecord(ProcessIdentity Mesh, string? Url, IReadOnlyList<ProcessRecord> Processes)
{
    public void Save(DataFolder data) => DataFolder.WriteOwnerOnly(data.Record, JsonSerializer.SerializeToUtf8Bytes(this, MeshJson.Options));

    /// <summary>Null when nothing runs, or the file is not readable: then there is nothing that could be ended safely.</summary>
    public static MeshRecord? Load(DataFolder data)
    {
        try
        {
            return JsonSerializer.Deserialize<MeshRecord>(File.ReadAllBytes(data.Record), MeshJson.Options);
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            return null;
        }
    }
}

internal sealed record ProcessRecord(string Name, string Tier, ProcessIdentity Process, int? AppPort, int? DaprHttpPort, int? DaprGrpcPort);
