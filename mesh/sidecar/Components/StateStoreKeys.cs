namespace Tarasol.Sidecar.Components;

/// <summary>Metadata keys that the runtime itself reads from every state component.</summary>
internal static class StateStoreKeys
{
    public static readonly IReadOnlyList<string> Common = ["keyPrefix", "actorStateStore", "outboxPublishPubsub", "outboxPublishTopic", "outboxPubsub", "outboxDiscardWhenMissingState"];
}
