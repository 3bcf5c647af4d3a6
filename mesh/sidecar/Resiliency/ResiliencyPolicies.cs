using System.Collections.Concurrent;
using System.Globalization;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.PubSub.Routing;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Resiliency;

/// <summary>The policies of the Resiliency documents, for each app those that are scoped to it. Throws <see cref="ConfigurationException"/> on a document that makes no sense.</summary>
internal sealed class ResiliencyPolicies : IResiliency
{
    private readonly ConcurrentDictionary<string, AppPolicies> apps = new();
    private readonly IReadOnlyList<ResourceDocument> documents;
    private readonly TimeProvider time;

    public ResiliencyPolicies(IReadOnlyList<ResourceDocument> documents, TimeProvider time)
    {
        (this.documents, this.time) = (documents, time);
        // Read them all at once, whatever app they are for: a mistake shows at start and not at the first call.
        _ = new AppPolicies(documents, time);
    }

    public ResiliencyPolicy App(string appId, string targetApp, string endpoint) => For(appId).App(targetApp, endpoint);

    public ResiliencyPolicy ActorBeforeLock(string appId, string actorType, string actorId) => For(appId).ActorBeforeLock(actorType, actorId);

    public ResiliencyPolicy ActorUnderLock(string appId, string actorType) => For(appId).ActorUnderLock(actorType);

    public ResiliencyPolicy ComponentOutbound(string appId, string component, ResiliencyComponentType type) => For(appId).Component(component, type, "Outbound");

    public ResiliencyPolicy ComponentInbound(string appId, string component, ResiliencyComponentType type) => For(appId).Component(component, type, "Inbound");

    public ResiliencyPolicy BuiltIn(string appId, BuiltInPolicy policy) => For(appId).BuiltIn(policy);

    private AppPolicies For(string appId) => apps.GetOrAdd(appId, id => new AppPolicies([.. documents.Where(document => document.AppliesTo(id))], time));
}

/// <summary>What holds for one app.</summary>
internal sealed class AppPolicies
{
    private const int AppBreakers = 100;
    private const int ActorBreakers = 5000;

    private static readonly RetryPolicy ThreeTimes = new() { Duration = TimeSpan.FromSeconds(1), MaxRetries = 3 };

    private readonly TimeProvider time;
    private readonly Dictionary<string, TimeSpan> timeouts = [];
    private readonly Dictionary<string, CircuitBreakerPolicy> breakers = [];
    private readonly Dictionary<string, Target> appTargets = [];
    private readonly Dictionary<string, Target> actorTargets = [];
    private readonly Dictionary<string, Target> componentTargets = [];
    private readonly ConcurrentDictionary<string, ResiliencyPolicy> made = new();
    private readonly ConcurrentDictionary<string, BreakerCache> breakerCaches = new();
    private readonly Dictionary<string, RetryPolicy> retries = new()
    {
        [Name(BuiltInPolicy.ServiceRetries)] = ThreeTimes,
        [Name(BuiltInPolicy.ActorRetries)] = ThreeTimes,
        [Name(BuiltInPolicy.ActorReminderRetries)] = new() { Exponential = true, MaxElapsed = TimeSpan.FromMinutes(15) },
        [Name(BuiltInPolicy.InitializationRetries)] =
            new() { Exponential = true, MaxRetries = 3, MaxInterval = TimeSpan.FromSeconds(1), MaxElapsed = TimeSpan.FromSeconds(10) },
        [Name(BuiltInPolicy.ActorNotFoundRetries)] = ThreeTimes with { MaxRetries = 5 },
    };

    public AppPolicies(IReadOnlyList<ResourceDocument> documents, TimeProvider time)
    {
        this.time = time;
        foreach (var document in documents)
        {
            ReadPolicies(document);
        }
        foreach (var document in documents)
        {
            ReadTargets(document);
        }
    }

    private sealed record Target(string? Timeout, string? Retry, string? CircuitBreaker, int CacheSize = 0, string? Scope = null);

    public ResiliencyPolicy BuiltIn(BuiltInPolicy policy) => made.GetOrAdd(Name(policy), name => new ResiliencyPolicy(retries[name], null, null, time));

    public ResiliencyPolicy App(string app, string endpoint)
    {
        var target = appTargets.GetValueOrDefault(app) ?? Default("App");
        if (target is null)
        {
            return ResiliencyPolicy.None;
        }
        var size = target.CacheSize > 0 ? target.CacheSize : AppBreakers;
        return target.CircuitBreaker is null
            ? made.GetOrAdd($"app {app}", _ => Make(target, null))
            : Cache($"app {app}", size).GetOrAdd(endpoint, name => Make(target, Breaker(target.CircuitBreaker, $"{app}/{name}")));
    }

    public ResiliencyPolicy ActorBeforeLock(string type, string id)
    {
        var target = actorTargets.GetValueOrDefault(type) ?? Default("Actor");
        if (target is null)
        {
            return ResiliencyPolicy.None;
        }
        var before = target with { Timeout = null };
        if (target.CircuitBreaker is not { } breaker)
        {
            return made.GetOrAdd($"actor {type}", _ => Make(before, null));
        }
        // As in Dapr, "both" is kept apart by actor, like "id".
        var key = target.Scope is "type" ? type : $"{type}/{id}";
        return Cache($"actor {type}", target.CacheSize > 0 ? target.CacheSize : ActorBreakers).GetOrAdd(key, name => Make(before, Breaker(breaker, name)));
    }

    public ResiliencyPolicy ActorUnderLock(string type)
    {
        var target = actorTargets.GetValueOrDefault(type) ?? Default("Actor");
        return target?.Timeout is null ? ResiliencyPolicy.None : made.GetOrAdd($"turn {type}", _ => Make(target with { Retry = null, CircuitBreaker = null }, null));
    }

    public ResiliencyPolicy Component(string name, ResiliencyComponentType type, string direction) => made.GetOrAdd($"component {name} {direction}", _ =>
    {
        var explicitTarget = componentTargets.ContainsKey($"{name} Inbound") || componentTargets.ContainsKey($"{name} Outbound");
        var target = explicitTarget
            ? componentTargets.GetValueOrDefault($"{name} {direction}")
            : Default($"{type}Component{direction}", $"Component{direction}", "Component");
        return target is null ? ResiliencyPolicy.None : Make(target, target.CircuitBreaker is { } breaker ? Breaker(breaker, $"{name} {direction}") : null);
    });

    private static string Name(BuiltInPolicy policy) => policy switch
    {
        BuiltInPolicy.ServiceRetries => "DaprBuiltInServiceRetries",
        BuiltInPolicy.ActorRetries => "DaprBuiltInActorRetries",
        BuiltInPolicy.ActorReminderRetries => "DaprBuiltInActorReminderRetries",
        BuiltInPolicy.InitializationRetries => "DaprBuiltInInitializationRetries",
        _ => "DaprBuiltInActorNotFoundRetries",
    };

    private ResiliencyPolicy Make(Target target, CircuitBreaker? breaker)
    {
        if (target is { Timeout: null, Retry: null, CircuitBreaker: null })
        {
            return ResiliencyPolicy.None;
        }
        return new ResiliencyPolicy(
            target.Retry is null ? null : retries[target.Retry], breaker, target.Timeout is null ? null : timeouts[target.Timeout], time);
    }

    private CircuitBreaker Breaker(string policy, string name) => new(name, breakers[policy], time);

    private BreakerCache Cache(string name, int size) => breakerCaches.GetOrAdd(name, _ => new BreakerCache(size));

    private Target? Default(params ReadOnlySpan<string> kinds)
    {
        string? timeout = null, retry = null, breaker = null;
        foreach (var kind in (ReadOnlySpan<string>)[.. kinds, ""])
        {
            timeout ??= timeouts.ContainsKey($"Default{kind}TimeoutPolicy") ? $"Default{kind}TimeoutPolicy" : null;
            retry ??= retries.ContainsKey($"Default{kind}RetryPolicy") ? $"Default{kind}RetryPolicy" : null;
            breaker ??= breakers.ContainsKey($"Default{kind}CircuitBreakerPolicy") ? $"Default{kind}CircuitBreakerPolicy" : null;
        }
        return timeout is null && retry is null && breaker is null ? null : new Target(timeout, retry, breaker);
    }

    private void ReadPolicies(ResourceDocument document)
    {
        var policies = document.Root.Map("spec")?.Map("policies");
        foreach (var (name, value) in (policies?.Map("timeouts")).Texts())
        {
            timeouts[name] = Duration(document, value, TimeSpan.Zero);
        }
        foreach (var (name, value) in (policies?.Map("retries")).Maps())
        {
            var retry = ReadRetry(document, value);
            var builtIn = Enum.GetValues<BuiltInPolicy>().Any(policy => Name(policy) == name);
            if (name == Name(BuiltInPolicy.ActorNotFoundRetries))
            {
                continue;
            }
            retries[name] = builtIn && retry.MaxRetries < 3 ? retry with { MaxRetries = 3 } : retry;
        }
        foreach (var (name, value) in (policies?.Map("circuitBreakers")).Maps())
        {
            breakers[name] = ReadBreaker(document, value);
        }
    }

    private static RetryPolicy ReadRetry(ResourceDocument document, YamlMappingNode node)
    {
        var policy = node.Text("policy") ?? "constant";
        if (!policy.Equals("constant", StringComparison.OrdinalIgnoreCase) && !policy.Equals("exponential", StringComparison.OrdinalIgnoreCase))
        {
            throw document.Wrong(node.Member("policy")!, $"retry policy '{policy}' is neither constant nor exponential");
        }
        var matching = node.Map("matching");
        var exponential = policy.Equals("exponential", StringComparison.OrdinalIgnoreCase);
        try
        {
            return new RetryPolicy
            {
                Exponential = exponential,
                Duration = Duration(document, node.Member("duration"), TimeSpan.FromSeconds(5)),
                MaxInterval = Duration(document, node.Member("maxInterval"), TimeSpan.FromSeconds(60)),
                MaxRetries = Number(document, node.Member("maxRetries"), -1),
                MaxElapsed = exponential ? TimeSpan.FromMinutes(15) : null,
                HttpStatusCodes = RetryPolicy.ParseCodes(matching?.Text("httpStatusCodes"), 100, 599),
                GrpcStatusCodes = RetryPolicy.ParseCodes(matching?.Text("gRPCStatusCodes"), 0, 16),
            };
        }
        catch (FormatException e)
        {
            throw document.Wrong(matching!, e.Message);
        }
    }

    private static CircuitBreakerPolicy ReadBreaker(ResourceDocument document, YamlMappingNode node)
    {
        CelExpression? trip = null;
        try
        {
            trip = node.Text("trip") is { } text ? CelExpression.Parse(text) : null;
        }
        catch (CelException e)
        {
            throw document.Wrong(node.Member("trip")!, $"trip: {e.Message}");
        }
        return new CircuitBreakerPolicy(
            Math.Max(1, Number(document, node.Member("maxRequests"), 1)),
            Duration(document, node.Member("interval"), TimeSpan.Zero),
            Duration(document, node.Member("timeout"), TimeSpan.FromSeconds(60)) is { Ticks: > 0 } timeout ? timeout : TimeSpan.FromSeconds(60),
            trip);
    }

    private void ReadTargets(ResourceDocument document)
    {
        var targets = document.Root.Map("spec")?.Map("targets");
        foreach (var (name, value) in (targets?.Map("apps")).Maps())
        {
            appTargets[name] = ReadTarget(document, value);
        }
        foreach (var (name, value) in (targets?.Map("actors")).Maps())
        {
            var target = ReadTarget(document, value);
            if (target.CircuitBreaker is not null && target.Scope is not ("type" or "id" or "both"))
            {
                throw document.Wrong(value, $"actor {name} has a circuitBreaker, so circuitBreakerScope must be type, id or both");
            }
            actorTargets[name] = target;
        }
        foreach (var (name, value) in (targets?.Map("components")).Maps())
        {
            foreach (var direction in (ReadOnlySpan<string>)["Inbound", "Outbound"])
            {
                componentTargets[$"{name} {direction}"] = value.Map(direction) is { } part ? ReadTarget(document, part) : new Target(null, null, null);
            }
        }
    }

    private Target ReadTarget(ResourceDocument document, YamlMappingNode node)
    {
        string? Policy<T>(string member, Dictionary<string, T> known) => node.Text(member) is not { } name ? null
            : known.ContainsKey(name) ? name
            : throw document.Wrong(node.Member(member)!, $"there is no {member} policy named '{name}'");
        return new Target(
            Policy("timeout", timeouts), Policy("retry", retries), Policy("circuitBreaker", breakers),
            Number(document, node.Member("circuitBreakerCacheSize"), 0), node.Text("circuitBreakerScope")?.ToLowerInvariant());
    }

    /// <summary>A Go duration; a bare number is milliseconds.</summary>
    private static TimeSpan Duration(ResourceDocument document, YamlNode? node, TimeSpan missing)
    {
        if (node is not YamlScalarNode { Value: { Length: > 0 } text })
        {
            return missing;
        }
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }
        return ComponentDuration.TryParse(text, out var duration) && duration >= TimeSpan.Zero
            ? duration : throw document.Wrong(node, $"'{text}' is not a duration such as 500ms, 5s or 1m30s");
    }

    private static int Number(ResourceDocument document, YamlNode? node, int missing) =>
        node is not YamlScalarNode { Value: { Length: > 0 } text } ? missing
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw document.Wrong(node, $"'{text}' is not a whole number");

    /// <summary>Policies with their own breaker, the least recently used ones dropped.</summary>
    private sealed class BreakerCache(int size)
    {
        private readonly Lock gate = new();
        private readonly Dictionary<string, LinkedListNode<(string Key, ResiliencyPolicy Policy)>> entries = [];
        private readonly LinkedList<(string Key, ResiliencyPolicy Policy)> order = new();

        public ResiliencyPolicy GetOrAdd(string key, Func<string, ResiliencyPolicy> make)
        {
            lock (gate)
            {
                if (entries.TryGetValue(key, out var found))
                {
                    order.Remove(found);
                    order.AddFirst(found);
                    return found.Value.Policy;
                }
                var added = order.AddFirst((key, make(key)));
                entries[key] = added;
                if (entries.Count > size)
                {
                    entries.Remove(order.Last!.Value.Key);
                    order.RemoveLast();
                }
                return added.Value.Policy;
            }
        }
    }
}
