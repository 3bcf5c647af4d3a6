using Dapr.Client.Autogen.Grpc.v1;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Metadata;

namespace Tarasol.Sidecar.PubSub;

/// <summary>The running subscriptions in GET /v1.0/metadata.</summary>
internal sealed class SubscriptionMetadata(AppSubscriptions subscriptions) : IMetadataSource
{
    public void Describe(AppRuntime app, GetMetadataResponse metadata)
    {
        foreach (var subscription in subscriptions.Of(app.AppId))
        {
            metadata.Subscriptions.Add(new PubsubSubscription
            {
                PubsubName = subscription.PubSub,
                Topic = subscription.Topic,
                Metadata = { subscription.Metadata.ToDictionary() },
                Rules = new PubsubSubscriptionRules { Rules = { subscription.Rules.Select(rule => new PubsubSubscriptionRule { Match = rule.Match?.Text ?? "", Path = rule.Path }) } },
                DeadLetterTopic = subscription.DeadLetterTopic ?? "",
                Type = subscription.Source switch
                {
                    SubscriptionSource.Declarative => PubsubSubscriptionType.Declarative,
                    SubscriptionSource.Programmatic => PubsubSubscriptionType.Programmatic,
                    _ => PubsubSubscriptionType.Streaming,
                },
            });
        }
    }
}
