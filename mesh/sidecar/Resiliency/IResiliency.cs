namespace Tarasol.Sidecar.Resiliency;

/// <summary>Kinds of component that default policies name, for example <c>DefaultPubsubComponentInboundRetryPolicy</c>.</summary>
internal enum ResiliencyComponentType { Binding, Configuration, Lock, Pubsub, Crypto, Conversation, Secretstore, Statestore }

/// <summary>Dapr's own policies; a Resiliency document may redefine them by these names.</summary>
internal enum BuiltInPolicy { ServiceRetries, ActorRetries, ActorReminderRetries, InitializationRetries, ActorNotFoundRetries }

/// <summary>
/// The resiliency policies of every app (wire: 15.4). All answers are cheap to ask for; each says <see cref="ResiliencyPolicy.IsNone"/> when nothing is configured.
/// The first argument is always the app-id whose sidecar makes the call: Resiliency documents can be scoped to apps.
/// </summary>
internal interface IResiliency
{
    /// <summary>Invocation of <paramref name="targetApp"/>; circuit breakers are kept for each endpoint. None: use <see cref="BuiltInPolicy.ServiceRetries"/> between sidecars.</summary>
    ResiliencyPolicy App(string appId, string targetApp, string endpoint);

    /// <summary>Before the actor's lock is taken: retries and circuit breaker.</summary>
    ResiliencyPolicy ActorBeforeLock(string appId, string actorType, string actorId);

    /// <summary>Under the actor's lock: the timeout of one turn.</summary>
    ResiliencyPolicy ActorUnderLock(string appId, string actorType);

    /// <summary>Calls from the sidecar to a component.</summary>
    ResiliencyPolicy ComponentOutbound(string appId, string component, ResiliencyComponentType type);

    /// <summary>Deliveries from a component to the app.</summary>
    ResiliencyPolicy ComponentInbound(string appId, string component, ResiliencyComponentType type);

    /// <summary>A built-in policy, or what replaces it.</summary>
    ResiliencyPolicy BuiltIn(string appId, BuiltInPolicy policy);
}
