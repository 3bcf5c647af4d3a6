using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.PubSub;

/// <summary>The name of a topic on the broker: with the namespace before it where the component's consumerID asks for {namespace} (wire: 6.5).</summary>
internal static class BrokerTopic
{
    public static string Of(ComponentSpec component, AppRuntime app, string topic) =>
        component.Metadata.GetValueOrDefault("consumerID")?.Contains("{namespace}", StringComparison.Ordinal) == true ? app.Namespace + topic : topic;
}
