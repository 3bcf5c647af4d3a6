using System.Security.Cryptography;
using System.Text;
using Tarasol.Tenants.Archive;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tests.Unit.Tenant;

public sealed class ExportLinesTests
{
    private const string Whole = "{\"format\":\"tarasol-tenant-data\"}\n{\"table\":\"unit\",\"row\":{\"code\":\"A\"}}\n{\"table\":\"unit\",\"row\":{\"code\":\"B\\nC\"}}\n{\"end\":true,\"rows\":2,\"tables\":{\"unit\":2}}\n";

    [Fact]
    public async Task A_whole_export_is_counted_and_hashed()
    {
        var lines = await CopyAsync(Whole);
        var bytes = Encoding.UTF8.GetBytes(Whole);
        Assert.Equal(new ExportLines(2, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))), lines);
    }

    [Fact]
    public async Task Every_export_that_ends_too_early_is_refused()
    {
        for (var length = 0; length < Whole.Length; length++)
            await Assert.ThrowsAsync<StepFailedException>(() => CopyAsync(Whole[..length]));
    }

    [Fact]
    public async Task One_that_lost_a_row_is_refused() =>
        await Assert.ThrowsAsync<StepFailedException>(() => CopyAsync(Whole.Replace("{\"table\":\"unit\",\"row\":{\"code\":\"A\"}}\n", "", StringComparison.Ordinal)));

    private static async Task<ExportLines> CopyAsync(string text)
    {
        var folder = Directory.CreateTempSubdirectory("tarasol-export-").FullName;
        try
        {
            using var from = new MemoryStream(Encoding.UTF8.GetBytes(text));
            return await ArchiveFiles.WriteAsync(Path.Combine(folder, "part.jsonl"), file => ExportLines.CopyAsync(from, file, (_, _) => Task.CompletedTask, CancellationToken.None));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
