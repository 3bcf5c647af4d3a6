using System.Text.Json;
using Tarasol.Sidecar.PubSub.Routing;

namespace Tarasol.Sidecar.PubSub;

/// <summary>Where a subscription was written.</summary>
internal enum SubscriptionSource { Declarative, Programmatic, Streaming }

/// <param name="Match">Null: always.</param>
/// <param name="Path">Path of the app that gets the event.</param>
internal sealed record RoutingRule(CelExpression? Match, string Path)
{
    /// <summary>Throws <see cref="CelException"/>.</summary>
    public static RoutingRule Create(string? match, string path) => new(string.IsNullOrWhiteSpace(match) ? null : CelExpression.Parse(match), path);
}

/// <param name="MaxMessagesCount">Messages of one call at most; 100.</param>
/// <param name="MaxAwait">How long the first message of a call waits for others; 1 s.</param>
internal sealed record BulkSubscribe(int MaxMessagesCount, TimeSpan MaxAwait)
{
    public static BulkSubscribe Of(int? maxMessagesCount, int? maxAwaitDurationMs) =>
        new(maxMessagesCount is > 0 and var count ? count : 100, TimeSpan.FromMilliseconds(maxAwaitDurationMs is > 0 and var wait ? wait : 1000));
}

/// <summary>One topic of one component for one app, and where its events go.</summary>
internal sealed record Subscription(
    string PubSub, string Topic, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<RoutingRule> Rules, string? DeadLetterTopic, BulkSubscribe? Bulk, SubscriptionSource Source)
{
    /// <summary>
    /// Path of the first rule that matches; null when none does. Throws <see cref="CelException"/> when a rule cannot be evaluated on this event.
    /// </summary>
    public string? Route(IReadOnlyDictionary<string, JsonElement> attributes)
    {
        var variables = new Dictionary<string, object?> { ["event"] = attributes };
        return Rules.FirstOrDefault(rule => rule.Match is null || rule.Match.Matches(variables))?.Path;
    }
}
