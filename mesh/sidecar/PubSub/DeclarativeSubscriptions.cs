using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.PubSub.Routing;
using Tarasol.Sidecar.Resiliency;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.PubSub;

/// <summary>Subscription documents of the resources folders: dapr.io/v1alpha1 with one route, dapr.io/v2alpha1 with routes (wire: 6.2).</summary>
internal static class DeclarativeSubscriptions
{
    /// <summary>Throws <see cref="ConfigurationException"/> with file and line.</summary>
    public static Subscription Parse(ResourceDocument document)
    {
        var spec = document.Root.Map("spec") ?? throw document.Wrong(document.Root, "the subscription has no spec");
        var pubsub = spec.Text("pubsubname") ?? throw document.Wrong(spec, "the subscription has no pubsubname");
        var topic = spec.Text("topic") ?? throw document.Wrong(spec, "the subscription has no topic");
        var rules = document.ApiVersion switch
        {
            "dapr.io/v2alpha1" => Routes(document, spec),
            "dapr.io/v1alpha1" => spec.Text("route") is { } route ? [new RoutingRule(null, route)] : [],
            var other => throw document.Wrong(document.Root.Member("apiVersion") ?? document.Root, $"apiVersion '{other}' of a subscription is neither dapr.io/v1alpha1 nor dapr.io/v2alpha1"),
        };
        if (rules.Count == 0)
        {
            throw document.Wrong(spec, $"the subscription to topic {topic} has no route");
        }
        var bulk = spec.Map("bulkSubscribe");
        return new Subscription(
            pubsub, topic, spec.Map("metadata").Texts().ToDictionary(item => item.Name, item => item.Value.Value ?? ""), rules, spec.Text("deadLetterTopic"),
            bulk?.Text("enabled") is "true" ? BulkSubscribe.Of(bulk.Number("maxMessagesCount"), bulk.Number("maxAwaitDurationMs")) : null,
            SubscriptionSource.Declarative);
    }

    private static List<RoutingRule> Routes(ResourceDocument document, YamlMappingNode spec)
    {
        var rules = new List<RoutingRule>();
        var routes = spec.Map("routes");
        foreach (var node in routes?.List("rules") ?? [])
        {
            var rule = node as YamlMappingNode ?? throw document.Wrong(node, "a routing rule is a map of match and path");
            try
            {
                rules.Add(RoutingRule.Create(rule.Text("match"), rule.Text("path") ?? throw document.Wrong(rule, "a routing rule has no path")));
            }
            catch (CelException e)
            {
                throw document.Wrong(rule.Member("match")!, $"match: {e.Message}");
            }
        }
        if (routes?.Text("default") is { } path)
        {
            rules.Add(new RoutingRule(null, path));
        }
        return rules;
    }
}
