namespace Tarasol.Sidecar.Actors;

internal readonly record struct ActorRef(string Type, string Id)
{
    /// <summary>Dapr's composite key.</summary>
    public override string ToString() => $"{Type}||{Id}";
}

/// <summary>A method call on its way to an actor, whatever it came by.</summary>
/// <param name="Headers">Without those of the connection, and without the caller's tokens and claimed identity.</param>
/// <param name="Query">With its question mark, or empty.</param>
internal sealed record ActorCall(string Method, ReadOnlyMemory<byte> Body, string? ContentType, IReadOnlyList<KeyValuePair<string, string>> Headers, string Query)
{
    public const string ReentrancyHeader = "Dapr-Reentrancy-Id";

    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect",
        "Host", "Content-Length", "Content-Type", "dapr-api-token", "dapr-app-id", "dapr-caller-app-id", "dapr-caller-namespace", "dapr-callee-app-id",
        // The app channel sends the trace of the call that is under way.
        "traceparent", "tracestate", "baggage", "grpc-trace-bin",
    };

    public static bool IsForwarded(string header) => !NotForwarded.Contains(header) && !header.StartsWith(':');

    public string? ReentrancyId => Headers.FirstOrDefault(header => header.Key.Equals(ReentrancyHeader, StringComparison.OrdinalIgnoreCase)).Value;
}

/// <summary>The app's answer to a method call; its status was 200.</summary>
internal sealed record ActorAnswer(IReadOnlyList<KeyValuePair<string, string>> Headers, string? ContentType, byte[] Body);

/// <summary>The actor's type left this host before the call's turn came: look for it anew.</summary>
internal sealed class ActorMovedException() : Exception("the actor's host stopped");
