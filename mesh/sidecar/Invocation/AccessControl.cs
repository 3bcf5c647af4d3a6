using Tarasol.Sidecar.Components;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Invocation;

/// <summary>A call that the callee's access control does not let in; the message is daprd's.</summary>
internal sealed class AccessDeniedException(string message) : Exception(message);

/// <summary>Which apps may call which operations of an app (Configuration spec.accessControl), evaluated where the app is called (wire: 15.3).</summary>
internal sealed class AccessControl
{
    private const string Allow = "allow";
    private const string TrustDomain = "public";

    private readonly Dictionary<(string AppId, string Namespace), Policy> policies = [];
    private string defaultAction = Allow;

    /// <summary>Null when the section restricts nothing. Throws <see cref="ConfigurationException"/>.</summary>
    public static AccessControl? Read(YamlNode node, ResourceDocument document)
    {
        var given = node.Child("policies");
        var items = (given as YamlSequenceNode)?.Children ?? [];
        var action = node.Text("defaultAction") ?? "";
        if (action.Length == 0 && (node.Text("trustDomain") ?? "").Length == 0 && items.Count == 0)
            return null;
        // Without a word about others, policies for some mean that nobody else may come in.
        var control = new AccessControl { defaultAction = action.Length > 0 ? action : given is YamlSequenceNode { Children.Count: 0 } ? Allow : "deny" };
        foreach (var item in items)
        {
            var appId = item.Text("appId") is { Length: > 0 } id ? id : throw document.Wrong(item, "an access control policy has no appId");
            var domain = item.Text("trustDomain") is { Length: > 0 } trust ? trust : throw document.Wrong(item, $"the access control policy of {appId} has no trustDomain");
            var ns = item.Text("namespace") is { Length: > 0 } own ? own : throw document.Wrong(item, $"the access control policy of {appId} has no namespace");
            var operations = new OperationTree();
            foreach (var operation in (item.Child("operations") as YamlSequenceNode)?.Children ?? [])
            {
                var name = operation.Text("name") ?? throw document.Wrong(operation, $"an operation in the access control policy of {appId} has no name");
                operations.Put(name.StartsWith('/') ? name : $"/{name}", new OperationAction(operation.Text("action") ?? "", Verbs(operation.Child("httpVerb"), document)));
            }
            control.policies[(appId, ns)] = new Policy(domain, item.Text("defaultAction") ?? "", operations);
        }
        return control;
    }

    /// <summary>Throws <see cref="AccessDeniedException"/>. <paramref name="verb"/> is empty when the caller names none.</summary>
    public void Check(string callerId, string callerNamespace, string operation, string verb, bool isHttp)
    {
        if (Allows(callerId, callerNamespace, operation, verb, isHttp))
            return;
        throw new AccessDeniedException(
            $"rpc error: code = PermissionDenied desc = access control policy has denied access to id: spiffe://{TrustDomain}/ns/{callerNamespace}/{callerId} operation: {operation} verb: {(verb.Length == 0 ? "NONE" : verb)}");
    }

    public bool Allows(string callerId, string callerNamespace, string operation, string verb, bool isHttp)
    {
        if (!policies.TryGetValue((callerId, callerNamespace), out var policy) || policy.TrustDomain != TrustDomain)
            return IsAllow(defaultAction);
        var action = policy.DefaultAction.Length > 0 ? policy.DefaultAction : defaultAction;
        if (policy.Operations.Search(operation.StartsWith('/') ? operation : $"/{operation}", isHttp) is { } found)
        {
            action = !isHttp ? found.Action
                : verb.Length == 0 ? policy.DefaultAction
                : found.Verbs.Contains(verb) || found.Verbs.Contains("*") ? found.Action
                : action;
        }
        return IsAllow(action);
    }

    private static bool IsAllow(string action) => action.Equals(Allow, StringComparison.OrdinalIgnoreCase);

    private static HashSet<string> Verbs(YamlNode? node, ResourceDocument document) => node switch
    {
        null or YamlScalarNode { Value: null or "" } => [],
        YamlSequenceNode list => [.. list.Children.Select(verb => (verb as YamlScalarNode)?.Value ?? throw document.Wrong(verb, "httpVerb is a list of verbs"))],
        _ => throw document.Wrong(node, "httpVerb is a list of verbs"),
    };

    private sealed record Policy(string TrustDomain, string DefaultAction, OperationTree Operations);
}

/// <param name="Action">Of the operation.</param>
/// <param name="Verbs">Upper-case HTTP verbs for which it counts, or an asterisk.</param>
internal sealed record OperationAction(string Action, IReadOnlySet<string> Verbs);

/// <summary>
/// The operations of a policy, segment by segment, siblings in the order in which they were written. A segment matches literally, as glob,
/// or as a whole; an operation that ends before the path does counts for what lies below it.
/// </summary>
internal sealed class OperationTree
{
    private readonly List<OperationTree> children = [];
    private string segment = "";
    private OperationAction? action;

    public void Put(string operation, OperationAction given)
    {
        var node = this;
        foreach (var part in operation.Split('/').Skip(1))
        {
            var child = node.children.Find(one => one.segment == part);
            if (child is null)
                node.children.Add(child = new OperationTree { segment = part });
            node = child;
        }
        // Of two with the same name the first one counts.
        node.action ??= given;
    }

    public OperationAction? Search(string operation, bool ignoreCase)
    {
        var node = this;
        var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var parts = operation.Split('/');
        for (var at = 1; at < parts.Length; at++)
        {
            var last = at == parts.Length - 1;
            node = node.Child(parts[at], last, comparison);
            if (node is null)
                return null;
            if (node.action is not null)
            {
                if (!last && node.segment.EndsWith('*') && node.segment == "*")
                    continue;
                return node.action;
            }
            if (last)
                return node.Child("*", last, comparison)?.action;
        }
        return null;
    }

    private OperationTree? Child(string part, bool last, StringComparison comparison)
    {
        foreach (var child in children)
        {
            if (child.segment.Equals(part, comparison) || child.segment == "**")
                return child;
            if (child.segment == "*")
            {
                if (last)
                    return child;
            }
            else if (Matches(part, child.segment, comparison))
            {
                return child;
            }
        }
        return null;
    }

    /// <summary>An asterisk stands for any number of letters.</summary>
    private static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern, StringComparison comparison)
    {
        var star = pattern.IndexOf('*');
        if (star < 0)
            return text.Equals(pattern, comparison);
        if (!text.StartsWith(pattern[..star], comparison))
            return false;
        var rest = pattern[(star + 1)..];
        for (var at = star; at <= text.Length; at++)
        {
            if (Matches(text[at..], rest, comparison))
                return true;
        }
        return false;
    }
}
