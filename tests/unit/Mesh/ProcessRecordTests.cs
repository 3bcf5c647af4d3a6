using System.Diagnostics;
using Tarasol.Mesh;
using Tarasol.Mesh.Up;

namespace Tarasol.Tests.Unit.Mesh;

public sealed class ProcessRecordTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static ProcessIdentity Self
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return ProcessIdentity.Of(process);
        }
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_running_process_is_alive() => Assert.True(Self.IsAlive);

    [Fact]
    public void Another_process_with_the_same_id_is_not_taken_for_the_one_that_was_recorded() =>
        Assert.False((Self with { Started = Self.Started.AddMinutes(-10) }).IsAlive);

    [Fact]
    public void An_id_that_nobody_has_is_not_alive() => Assert.False(new ProcessIdentity(int.MaxValue, DateTimeOffset.UtcNow).IsAlive);

    [Fact]
    public void A_record_reads_back_as_it_was_written()
    {
        var data = new DataFolder(folder.Path);
        var record = new MeshRecord(Self, "http://localhost:8080", [new ProcessRecord("task", "core", Self, 1, 2, 3)]);
        record.Save(data);

        var read = MeshRecord.Load(data)!;
        Assert.Equal(record.Mesh, read.Mesh);
        Assert.Equal(record.Processes, read.Processes);
        Assert.True(read.Processes[0].Process.IsAlive);
    }

    [Fact]
    public void A_record_that_cannot_be_read_names_nothing_to_end()
    {
        var data = new DataFolder(folder.Path);
        File.WriteAllText(data.Record, "{");

        Assert.Null(MeshRecord.Load(data));
    }

    [Fact]
    public void A_second_mesh_on_the_same_folder_is_told_who_holds_it()
    {
        var data = new DataFolder(folder.Path);
        new MeshRecord(Self, "http://localhost:8080", []).Save(data);
        using var held = DataFolderLock.Take(data);

        var refused = Assert.Throws<MeshException>(() => DataFolderLock.Take(data));
        Assert.Contains($"process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
    }
}
