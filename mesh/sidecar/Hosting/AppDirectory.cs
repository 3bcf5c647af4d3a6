namespace Tarasol.Sidecar.Hosting;

/// <summary>The apps of this process.</summary>
internal sealed class AppDirectory(IReadOnlyList<AppRuntime> apps)
{
    private readonly Dictionary<string, AppRuntime> byId = apps.ToDictionary(app => app.AppId);

    public IReadOnlyList<AppRuntime> Apps { get; } = apps;

    public AppRuntime? Find(string appId) => byId.GetValueOrDefault(appId);
}
