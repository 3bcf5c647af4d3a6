using System.CommandLine;
using Tarasol.Mesh.Tye;

namespace Tarasol.Mesh;

/// <summary>The options that every command of mesh has.</summary>
internal static class MeshOptions
{
    public const int DefaultPort = 8080;

    public static readonly Option<int?> Port = CreatePort();

    public static readonly Option<string?> Data = new("--data") { Description = "Folder for databases, secrets and logs (default: .tarasol beside tye.yaml)" };

    public static DataFolder DataFolder(ParseResult arguments, TyeApplication application) =>
        new(Path.GetFullPath(arguments.GetValue(Data) ?? Path.Combine(application.Root, ".tarasol")));

    private static Option<int?> CreatePort()
    {
        var option = new Option<int?>("--port") { Description = $"Port of the gateway (default: that of tye.yaml, else {DefaultPort})" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is { } port and not (> 0 and < 65536))
                result.AddError($"--port {port}: a port is a number from 1 to 65535");
        });
        return option;
    }
}
