using System.Text.RegularExpressions;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Middleware;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Components;

/// <summary>middleware.http.routeralias: paths of the app's own choosing for routes of the sidecar. What <c>{name}</c> stands for in the alias is added to the query.</summary>
internal sealed partial class RouteAliasMiddleware : IHttpMiddleware
{
    public static readonly ComponentType ComponentType = new("middleware.http.routeralias", ["routes"], (spec, _, _) => Task.FromResult<object>(new RouteAliasMiddleware(spec)));

    private readonly List<(Regex From, string To)> routes = [];

    private RouteAliasMiddleware(ComponentSpec spec)
    {
        foreach (var (from, to) in Routes(spec))
        {
            if (from.Length == 0 || to.Length == 0)
                throw new ComponentException(spec, "invalid key/value pair in metadata: must not be empty");
            routes.Add((Pattern(spec, from), to));
        }
    }

    public ValueTask<MiddlewareAnswer?> HandleAsync(MiddlewareRequest request, CancellationToken cancel)
    {
        foreach (var (from, to) in routes)
        {
            if (from.Match(request.Path) is not { Success: true } match)
                continue;
            request.Path = to;
            foreach (var variable in match.Groups.Values.Skip(1))
                request.Query += $"{(request.Query.Length == 0 ? '?' : '&')}{variable.Name}={variable.Value}";
            break;
        }
        return default;
    }

    /// <summary>A variable is one segment, or what the expression behind its colon says.</summary>
    private static Regex Pattern(ComponentSpec spec, string from)
    {
        try
        {
            var pattern = Variable().Replace(Regex.Escape(from).Replace("\\{", "{", StringComparison.Ordinal), match =>
                $"(?<{match.Groups[1].Value}>{(match.Groups[2].Success ? Regex.Unescape(match.Groups[2].Value) : "[^/]+")})");
            return new Regex($"^{pattern}$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException wrong)
        {
            throw new ComponentException(spec, $"the alias {from} cannot be read: {wrong.Message}");
        }
    }

    /// <summary>The key routes holds JSON or YAML: alias to route. Older files have a key for each alias instead.</summary>
    private static Dictionary<string, string> Routes(ComponentSpec spec)
    {
        if (spec.Metadata.GetValueOrDefault("routes") is not { Length: > 0 } text)
            return spec.Metadata.ToDictionary();
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents is [{ RootNode: YamlMappingNode map }]
                ? map.Children.ToDictionary(item => ((YamlScalarNode)item.Key).Value!, item => (item.Value as YamlScalarNode)?.Value ?? throw new ComponentException(spec, $"the route of {item.Key} is no text"))
                : throw new ComponentException(spec, "routes must be a JSON object of alias and route");
        }
        catch (Exception wrong) when (wrong is YamlDotNet.Core.YamlException or InvalidCastException or InvalidOperationException)
        {
            throw new ComponentException(spec, $"routes cannot be read: {wrong.Message}");
        }
    }

    [GeneratedRegex(@"\{([A-Za-z_][A-Za-z0-9_]*)(?::(.+?))?\}")]
    private static partial Regex Variable();
}
