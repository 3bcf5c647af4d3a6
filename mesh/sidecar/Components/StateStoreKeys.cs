using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Components;

/// <summary>Metadata keys that the runtime itself reads from every state component.</summary>
internal static class StateStoreKeys
{
    public static readonly IReadOnlyList<string> Common = ["keyPrefix", .. StateEncryption.MetadataKeys, "actorStateStore", "outboxPublishPubsub", "outboxPublishTopic", "outboxPubsub", "outboxDiscardWhenMissingState"];
}
