using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tarasol.Sidecar.Hosting;

/// <summary>The file of --mesh: <see cref="SidecarOptions"/> as camelCase JSON.</summary>
internal static class MeshFile
{
    private static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <exception cref="UsageException">Not there, not readable, or not such a file; names the file and, where known, the line.</exception>
    public static SidecarOptions Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var options = JsonSerializer.Deserialize<SidecarOptions>(stream, Form) ?? throw new UsageException($"{file}: the mesh file is empty");
            var twice = options.Apps.GroupBy(app => app.AppId).FirstOrDefault(group => group.Count() > 1);
            return twice is null ? options : throw new UsageException($"{file}: the app-id {twice.Key} is there twice");
        }
        catch (JsonException wrong)
        {
            throw new UsageException($"{file}:{wrong.LineNumber + 1}: {wrong.Message}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"the mesh file cannot be read: {failure.Message}");
        }
    }
}
