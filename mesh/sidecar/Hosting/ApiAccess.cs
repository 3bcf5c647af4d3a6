using Tarasol.Sidecar.Components;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Which APIs of the sidecar its app may use (Configuration spec.api): denied first, then allowed, by name, version and protocol (wire: 15.2).</summary>
internal sealed class ApiAccess
{
    private readonly HashSet<string> allowedHttp = [];
    private readonly HashSet<string> deniedHttp = [];
    private readonly HashSet<string> allowedGrpc = [];
    private readonly HashSet<string> deniedGrpc = [];

    /// <summary>Null when nothing is restricted. Throws <see cref="ConfigurationException"/>.</summary>
    public static ApiAccess? Read(YamlNode node, ResourceDocument document)
    {
        var access = new ApiAccess();
        Add(node.Child("allowed"), document, access.allowedHttp, access.allowedGrpc);
        Add(node.Child("denied"), document, access.deniedHttp, access.deniedGrpc);
        return access.allowedHttp.Count + access.deniedHttp.Count + access.allowedGrpc.Count + access.deniedGrpc.Count == 0 ? null : access;
    }

    /// <summary>A route of the HTTP API, as it is mapped; health is always allowed.</summary>
    public bool AllowsRoute(string route)
    {
        var parts = route.TrimStart('/').Split('/');
        if (parts.Length < 2 || parts[1] == "healthz")
            return true;
        return Allows($"{Version(parts[0])}/{parts[1]}", route.TrimStart('/'), allowedHttp, deniedHttp);
    }

    /// <summary>Service invocation over HTTP, which has no route of its own.</summary>
    public bool AllowsInvocation => Allows("v1/invoke", "v1.0/invoke/", allowedHttp, deniedHttp);

    /// <summary>A method of dapr.proto.runtime.v1.Dapr; other services are not the list's concern.</summary>
    public bool AllowsMethod(string fullName)
    {
        const string Service = "/dapr.proto.runtime.v1.Dapr/";
        if (!fullName.StartsWith(Service, StringComparison.Ordinal))
            return true;
        var key = GrpcKey(fullName[Service.Length..]);
        return !deniedGrpc.Contains(key) && (allowedGrpc.Count == 0 || allowedGrpc.Contains(key));
    }

    /// <summary>Of a method's name: version/api.</summary>
    public static string GrpcKey(string method)
    {
        var (name, version) = Suffix(method, "Alpha1") ?? Suffix(method, "Alpha2") ?? Suffix(method, "Beta1") ?? (method, "v1");
        return $"{version}/{Api(name)}";
    }

    private static (string, string)? Suffix(string method, string suffix) =>
        method.EndsWith(suffix, StringComparison.Ordinal) ? (method[..^suffix.Length], $"v1{suffix.ToLowerInvariant()}") : null;

    private static string Api(string method) => method switch
    {
        "InvokeService" => "invoke",
        "InvokeActor" => "actors",
        "InvokeBinding" => "bindings",
        "TryLock" => "lock",
        "Unlock" => "unlock",
        "Shutdown" => "shutdown",
        "SubscribeTopicEvents" => "subscribe",
        "Encrypt" or "Decrypt" => "crypto",
        "Converse" => "conversation",
        _ when method.StartsWith("Subtle", StringComparison.Ordinal) => "subtlecrypto",
        _ when method.Contains("Actor", StringComparison.Ordinal) => "actors",
        _ when method.Contains("Workflow", StringComparison.Ordinal) => "workflows",
        _ when method.Contains("Configuration", StringComparison.Ordinal) => "configuration",
        _ when method.Contains("Secret", StringComparison.Ordinal) => "secrets",
        _ when method.Contains("State", StringComparison.Ordinal) => "state",
        _ when method.Contains("Publish", StringComparison.Ordinal) => "publish",
        _ when method.Contains("Metadata", StringComparison.Ordinal) => "metadata",
        _ when method.Contains("Job", StringComparison.Ordinal) => "jobs",
        _ => method,
    };

    private static string Version(string segment) => segment == "v1.0" ? "v1" : segment.Replace("1.0-", "1", StringComparison.Ordinal);

    private static bool Allows(string key, string route, HashSet<string> allowed, HashSet<string> denied) =>
        !IsNamed(key, route, denied) && (allowed.Count == 0 || IsNamed(key, route, allowed));

    /// <summary>By version and name, or in the older form by a prefix of the path.</summary>
    private static bool IsNamed(string key, string route, HashSet<string> rules) =>
        rules.Count > 0 && (rules.Contains(key) || rules.Any(rule => route.StartsWith(rule, StringComparison.Ordinal)));

    private static void Add(YamlNode? node, ResourceDocument document, HashSet<string> http, HashSet<string> grpc)
    {
        if (node is null or YamlScalarNode { Value: null or "" })
            return;
        foreach (var rule in (node as YamlSequenceNode)?.Children ?? throw document.Wrong(node, "api.allowed and api.denied are lists of name, version and protocol"))
        {
            var key = $"{rule.Text("version")}/{rule.Text("name")}";
            var set = rule.Text("protocol")?.ToLowerInvariant() switch
            {
                "http" => http,
                "grpc" => grpc,
                var other => throw document.Wrong(rule, $"the protocol of an api rule is http or grpc, not {other ?? "missing"}"),
            };
            set.Add(key);
        }
    }
}
