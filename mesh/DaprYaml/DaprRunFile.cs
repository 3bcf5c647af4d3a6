using System.Globalization;
using System.Text;
using Tarasol.Mesh.Tye;

namespace Tarasol.Mesh.DaprYaml;

/// <summary>dapr.yaml, the file of `dapr run -f`: the services of tye.yaml with Dapr's own programs.</summary>
internal static class DaprRunFile
{
    public const string Name = "dapr.yaml";

    /// <summary>A folder whose components daprd knows.</summary>
    public const string DefaultComponents = "components/rabbitmq-redis";

    private const int FirstPort = 5101;

    /// <param name="components">Relative to the file, with slashes.</param>
    public static string Write(TyeApplication application, string components)
    {
        var gatewayPort = application.Gateway?.Port ?? MeshOptions.DefaultPort;
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');

        Line("# Made from tye.yaml by `dotnet run --project mesh -- dapr-yaml`; a test keeps the two in step.");
        Line("# The services must be built, and .tarasol/secrets.json be there (the first `up` makes it). Then: cd .tarasol && dapr run -f ..");
        Line("version: 1");
        Line("common:");
        Line("  resourcesPaths:");
        foreach (var folder in application.Dapr.ResourcesPaths.Select(path => Relative(application, path)).Prepend(components))
            Line($"  - {folder}");
        if (application.Dapr.Config is { } config)
            Line($"  configFilePath: {Relative(application, config)}");
        Line("  env:");
        Line($"    TARASOL_PUBLIC_URL: http://localhost:{gatewayPort}");
        Line($"    TARASOL_SERVICES: {string.Join(',', application.Services.Where(service => service.Tier != Tier.Gateway).Select(service => service.Name))}");
        Line("apps:");
        var next = FirstPort;
        foreach (var service in application.Services)
        {
            var isGateway = service.Tier == Tier.Gateway;
            var port = service.Port ?? (isGateway ? gatewayPort : next++);
            var folder = Relative(application, Path.GetDirectoryName(service.Project)!);
            Line($"- appID: {service.Name}");
            Line($"  appDirPath: {folder}");
            Line(string.Create(CultureInfo.InvariantCulture, $"  appPort: {port}"));
            Line("  command: [dotnet, run, --no-build, --no-launch-profile]");
            Line("  env:");
            Line($"    ASPNETCORE_URLS: http://{(isGateway ? "localhost" : "127.0.0.1")}:{port}");
            Line($"    TARASOL_DATA: {string.Concat(Enumerable.Repeat("../", folder.Split('/').Length))}.tarasol");
            foreach (var (name, value) in service.Env)
                Line($"    {name}: '{value.Replace("'", "''", StringComparison.Ordinal)}'");
        }
        return text.ToString();
    }

    private static string Relative(TyeApplication application, string path) => Path.GetRelativePath(application.Root, path).Replace('\\', '/');
}
