using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Dapr.Workflow;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Tarasol.Tenants.Catalogue;
using Tarasol.Tenants.Provisioning;
using Tarasol.Tenants.Tenants;

namespace Tarasol.Tenants.Archive;

/// <summary>Activity: one zip file of what the services gave, with <c>manifest.json</c>: the tenant as the catalogue has it, and counts and SHA-256 of each file. A repeat makes it anew.</summary>
internal sealed class PackArchive(PlatformScopes platform, ArchiveFiles files, TimeProvider time, IOptions<JsonOptions> json) : WorkflowActivity<string, object?>
{
    private const int Version = 1;

    public sealed record Manifest(string Format, int Version, DateTimeOffset MadeAt, TenantDetails Tenant, IReadOnlyList<ManifestFile> Files);

    public sealed record ManifestFile(string Service, string File, long Rows, long Bytes, string Sha256, IReadOnlyDictionary<string, long> Tables);

    public override async Task<object?> RunAsync(WorkflowActivityContext context, string input)
    {
        var (parts, details) = await platform.RunAsync(async db => (
            await db.ArchiveParts.AsNoTracking().Where(part => part.Slug == input).OrderBy(part => part.Service).ToListAsync(),
            await ReadTenant.DetailsAsync(db, await db.Tenants.AsNoTracking().SingleAsync(tenant => tenant.Slug == input), CancellationToken.None)), CancellationToken.None);
        var (bytes, sha256) = await ArchiveFiles.WriteAsync(files.Zip(input), async file =>
        {
            await using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
            {
                var listed = new List<ManifestFile>();
                foreach (var part in parts)
                    listed.Add(await AddAsync(zip, part));
                await using var manifest = await zip.CreateEntry("manifest.json", CompressionLevel.Optimal).OpenAsync();
                var options = new JsonSerializerOptions(json.Value.SerializerOptions) { WriteIndented = true };
                await JsonSerializer.SerializeAsync(manifest, new Manifest("tarasol-tenant-archive", Version, time.GetUtcNow(), details, listed), options);
            }
            file.Position = 0;
            return (file.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(file)));
        });
        await platform.RunAsync(db => db.Archives.Where(archive => archive.Slug == input)
            .ExecuteUpdateAsync(set => set.SetProperty(archive => archive.Bytes, bytes).SetProperty(archive => archive.Sha256, sha256)), CancellationToken.None);
        return null;
    }

    private async Task<ManifestFile> AddAsync(ZipArchive zip, TenantArchivePart part)
    {
        await using var lines = new FileStream(files.Part(part.Slug, part.Service), FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous);
        if (lines.Length != part.Bytes || await ExportLines.EndAsync(lines, CancellationToken.None) is not { } end)
            throw new StepFailedException($"The file of {part.Service} is not what was written.");
        lines.Position = 0;
        var name = $"{part.Service}.jsonl";
        await using var entry = await zip.CreateEntry(name, CompressionLevel.Optimal).OpenAsync();
        await lines.CopyToAsync(entry);
        return new(part.Service, name, part.Rows, part.Bytes, part.Sha256!, end.Tables);
    }
}
