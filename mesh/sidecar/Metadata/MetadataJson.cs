using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.Collections;

namespace Tarasol.Sidecar.Metadata;

/// <summary>The HTTP form of the metadata: like the message, but empty members are left out and a subscription's rules are a plain list.</summary>
internal readonly ref struct MetadataJson(Utf8JsonWriter json)
{
    public void Write(GetMetadataResponse metadata)
    {
        json.WriteStartObject();
        json.WriteString("id", metadata.Id);
        json.WriteString("runtimeVersion", metadata.RuntimeVersion);
        Texts("enabledFeatures", metadata.EnabledFeatures);
        Actors("actors", metadata.ActorRuntime?.ActiveActors ?? []);
        Components(metadata);
        Map("extended", metadata.ExtendedMetadata);
        Subscriptions(metadata);
        HttpEndpoints(metadata.HttpEndpoints);
        AppConnection(metadata.AppConnectionProperties);
        ActorRuntime(metadata.ActorRuntime);
        if (metadata.Scheduler?.ConnectedAddresses.Count > 0)
        {
            json.WriteStartObject("scheduler");
            Texts("connected_addresses", metadata.Scheduler.ConnectedAddresses);
            json.WriteEndObject();
        }
        if (metadata.Workflows?.ConnectedWorkers > 0)
        {
            json.WriteStartObject("workflows");
            json.WriteNumber("connectedWorkers", metadata.Workflows.ConnectedWorkers);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private void Components(GetMetadataResponse metadata)
    {
        if (metadata.RegisteredComponents.Count == 0)
            return;
        json.WriteStartArray("components");
        foreach (var component in metadata.RegisteredComponents)
        {
            json.WriteStartObject();
            json.WriteString("name", component.Name);
            json.WriteString("type", component.Type);
            json.WriteString("version", component.Version);
            Texts("capabilities", component.Capabilities);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void Subscriptions(GetMetadataResponse metadata)
    {
        if (metadata.Subscriptions.Count == 0)
            return;
        json.WriteStartArray("subscriptions");
        foreach (var subscription in metadata.Subscriptions)
        {
            json.WriteStartObject();
            json.WriteString("pubsubname", subscription.PubsubName);
            json.WriteString("topic", subscription.Topic);
            Map("metadata", subscription.Metadata);
            if (subscription.Rules?.Rules.Count > 0)
            {
                json.WriteStartArray("rules");
                foreach (var rule in subscription.Rules.Rules)
                {
                    json.WriteStartObject();
                    Text("match", rule.Match);
                    Text("path", rule.Path);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            json.WriteString("deadLetterTopic", subscription.DeadLetterTopic);
            json.WriteString("type", subscription.Type.ToString().ToUpperInvariant());
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void HttpEndpoints(RepeatedField<MetadataHTTPEndpoint> endpoints)
    {
        if (endpoints.Count == 0)
            return;
        json.WriteStartArray("httpEndpoints");
        foreach (var endpoint in endpoints)
        {
            json.WriteStartObject();
            json.WriteString("name", endpoint.Name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void AppConnection(AppConnectionProperties? app)
    {
        if (app is null)
            return;
        json.WriteStartObject("appConnectionProperties");
        Number("port", app.Port);
        Text("protocol", app.Protocol);
        Text("channelAddress", app.ChannelAddress);
        Number("maxConcurrency", app.MaxConcurrency);
        if (app.Health is { } health)
        {
            json.WriteStartObject("health");
            Text("healthCheckPath", health.HealthCheckPath);
            Text("healthProbeInterval", health.HealthProbeInterval);
            Text("healthProbeTimeout", health.HealthProbeTimeout);
            Number("healthThreshold", health.HealthThreshold);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private void ActorRuntime(ActorRuntime? actors)
    {
        json.WriteStartObject("actorRuntime");
        json.WriteString("runtimeStatus", (actors?.RuntimeStatus ?? default).ToString().ToUpperInvariant());
        Actors("activeActors", actors?.ActiveActors ?? []);
        json.WriteBoolean("hostReady", actors?.HostReady ?? false);
        Text("placement", actors?.Placement ?? "");
        json.WriteEndObject();
    }

    private void Actors(string name, RepeatedField<ActiveActorsCount> actors)
    {
        if (actors.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var actor in actors)
        {
            json.WriteStartObject();
            json.WriteString("type", actor.Type);
            Number("count", actor.Count);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void Map(string name, IEnumerable<KeyValuePair<string, string>> map)
    {
        if (!map.Any())
            return;
        json.WriteStartObject(name);
        foreach (var (key, value) in map)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private void Texts(string name, RepeatedField<string> texts)
    {
        if (texts.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private void Text(string name, string value)
    {
        if (value.Length > 0)
            json.WriteString(name, value);
    }

    private void Number(string name, int value)
    {
        if (value != 0)
            json.WriteNumber(name, value);
    }
}
