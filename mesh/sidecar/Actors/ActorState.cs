using System.Globalization;
using System.Text.Json;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Actors;

/// <summary>One operation of a transaction of actor state.</summary>
/// <param name="Operation">upsert or delete.</param>
/// <param name="IsText">The value is JSON; else bytes of a gRPC caller.</param>
internal sealed record ActorStateOperation(string Operation, string Key, byte[]? Value, bool IsText, string? ETag, string? TtlInSeconds);

/// <summary>The state of an actor, in the app's actor state store under Dapr's keys: <c>{appid}||{type}||{id}||{key}</c>.</summary>
internal static class ActorState
{
    /// <exception cref="DaprException">There is no actor state store, or it fails.</exception>
    public static async Task<StateItem?> GetAsync(ActorHost host, ActorRef actor, string key, CancellationToken cancel)
    {
        var store = host.App.ActorStateStore ?? throw ActorErrors.NoStateStore();
        try
        {
            return await store.GetAsync(FullKey(host.App, actor, key), cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw ActorErrors.StateGet(e.Message);
        }
    }

    /// <summary>All or none.</summary>
    /// <exception cref="DaprException">The actor is not active here, there is no store, an operation is wrong, or the store fails.</exception>
    public static async Task CommitAsync(ActorHost host, ActorRef actor, IReadOnlyList<ActorStateOperation> operations, CancellationToken cancel)
    {
        if (!host.IsActive(actor))
            throw ActorErrors.InstanceMissing();
        var translated = operations.Select(operation => Translate(host.App, actor, operation)).ToList();
        var store = host.App.ActorStateStore ?? throw ActorErrors.NoStateStore();
        if (translated.Count == 0)
            return;
        try
        {
            await store.CommitAsync(translated, cancel);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw ActorErrors.StateTransaction(e.Message);
        }
    }

    /// <summary>The operations of a request body.</summary>
    /// <exception cref="DaprException">It is not a list of operations.</exception>
    public static IReadOnlyList<ActorStateOperation> Parse(JsonElement body)
    {
        if (body.ValueKind == JsonValueKind.Null)
            return [];
        if (body.ValueKind != JsonValueKind.Array)
            throw DaprException.Malformed("a list of operations is expected");
        return [.. body.EnumerateArray().Select(ParseOperation)];
    }

    private static ActorStateOperation ParseOperation(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw DaprException.Malformed("an operation must be an object");
        var operation = json.Text("operation");
        if (json.Member("request") is not { } request)
            throw ActorErrors.StateTransaction("request data is empty");
        if (request.ValueKind != JsonValueKind.Object)
            throw ActorErrors.StateTransaction("request must be an object");
        var key = request.Member("key") is { } k ? TextOf(k, "key") : "";
        var etag = request.Member("etag") is { } e ? TextOf(e, "etag") : null;
        string? ttl = null;
        if (request.Member("metadata") is { } metadata)
        {
            if (metadata.ValueKind != JsonValueKind.Object)
                throw ActorErrors.StateTransaction("metadata must be an object of strings");
            foreach (var entry in metadata.EnumerateObject())
            {
                var value = TextOf(entry.Value, $"metadata {entry.Name}");
                if (entry.Name.Equals("ttlInSeconds", StringComparison.OrdinalIgnoreCase))
                    ttl = value;
            }
        }
        return new ActorStateOperation(operation, key, request.Member("value") is { } v ? System.Text.Encoding.UTF8.GetBytes(v.GetRawText()) : null, true, etag, ttl);
    }

    private static string TextOf(JsonElement json, string what) =>
        json.ValueKind == JsonValueKind.String ? json.GetString()! : throw ActorErrors.StateTransaction($"{what} must be a string, not {json.GetRawText()}");

    private static StateOperation Translate(AppRuntime app, ActorRef actor, ActorStateOperation operation)
    {
        if (operation.Operation is not ("upsert" or "delete"))
            throw ActorErrors.StateTransaction(operation.Operation.Length == 0 ? "operation is empty" : $"operation type {operation.Operation} not supported");
        if (operation.Key.Length == 0)
            throw ActorErrors.StateTransaction("missing key");
        var key = FullKey(app, actor, operation.Key);
        var etag = string.IsNullOrEmpty(operation.ETag) ? null : operation.ETag;
        if (operation.Operation == "delete")
            return new DeleteState(key, etag);
        int? ttl = null;
        if (!string.IsNullOrEmpty(operation.TtlInSeconds))
        {
            ttl = int.TryParse(operation.TtlInSeconds, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) ? seconds
                : throw ActorErrors.StateTransaction($"key {operation.Key}: ttlInSeconds is not a whole number: {operation.TtlInSeconds}");
        }
        return new SetState(key, operation.Value ?? "null"u8.ToArray(), etag, TtlInSeconds: ttl, IsText: operation.IsText);
    }

    private static string FullKey(AppRuntime app, ActorRef actor, string key) => $"{app.AppId}||{actor}||{key}";
}
