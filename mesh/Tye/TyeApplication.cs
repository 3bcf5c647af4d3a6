namespace Tarasol.Mesh.Tye;

/// <summary>What tye.yaml says. All paths are absolute.</summary>
internal sealed record TyeApplication(string File, string Name, IReadOnlyList<TyeService> Services, TyeDapr Dapr)
{
    public string Root => Path.GetDirectoryName(File)!;

    public TyeService? Gateway => Services.FirstOrDefault(service => service.Tier == Tier.Gateway);

    public string SidecarProject => Path.Combine(Root, "mesh", "sidecar", "Tarasol.Sidecar.csproj");

    /// <summary>Looks for tye.yaml in the working directory and above it, then above this program.</summary>
    public static TyeApplication Find()
    {
        var file = Above(Environment.CurrentDirectory) ?? Above(AppContext.BaseDirectory)
            ?? throw new MeshException($"no tye.yaml in {Environment.CurrentDirectory} or above it: run mesh inside the repository");
        return TyeParser.Parse(file, System.IO.File.ReadAllText(file));
    }

    private static string? Above(string folder)
    {
        for (var directory = new DirectoryInfo(folder); directory is not null; directory = directory.Parent)
        {
            var file = Path.Combine(directory.FullName, "tye.yaml");
            if (System.IO.File.Exists(file))
                return file;
        }

        return null;
    }
}

/// <param name="Name">App-id, route prefix and folder.</param>
/// <param name="Port">A fixed port from its binding; null: a free one.</param>
internal sealed record TyeService(string Name, string Project, Tier Tier, int? Port, IReadOnlyDictionary<string, string> Env);

/// <summary>Tye's dapr extension: the folders with component files, and the Configuration file.</summary>
internal sealed record TyeDapr(string? ComponentsPath, string? Config, IReadOnlyList<string> ResourcesPaths);

/// <summary>Start order; stopping goes the other way round.</summary>
internal enum Tier
{
    Foundation,
    Core,
    Support,
    Worker,
    Gateway,
}
