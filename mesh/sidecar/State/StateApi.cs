using Grpc.Core;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.PubSub;
using Tarasol.Sidecar.Resiliency;

namespace Tarasol.Sidecar.State;

/// <summary>What both state APIs share: finding the store, prefixes, resiliency, and the errors.</summary>
internal sealed class StateApi(IResiliency resiliency, Publisher publisher, SidecarMetrics metrics, TimeProvider time)
{
    public static (ComponentSpec Spec, IStateStore Store) Store(AppRuntime app, string name)
    {
        if (app.Components.Find<IStateStore>(name) is { } found)
            return (found.Spec, found.Instance);
        var info = new Dictionary<string, string> { ["appID"] = app.AppId };
        throw app.Components.Any<IStateStore>()
            ? new DaprException("ERR_STATE_STORE_NOT_FOUND", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, $"state store {name} is not found")
            {
                Info = new DaprErrorInfo("DAPR_STATE_NOT_FOUND", info),
            }
            : new DaprException("ERR_STATE_STORE_NOT_CONFIGURED", StatusCodes.Status500InternalServerError, StatusCode.FailedPrecondition, $"state store {name} is not configured")
            {
                Info = new DaprErrorInfo("DAPR_STATE_NOT_CONFIGURED", info),
            };
    }

    public async Task<StateItem?> GetAsync(AppRuntime app, string store, string key, CancellationToken cancel)
    {
        var (spec, instance) = Store(app, store);
        var complete = KeyPrefix.Apply(key, spec, app);
        using var measured = metrics.State(app, store, "get");
        try
        {
            var item = Open(spec, await Policy(app, store).ExecuteAsync(attempt => instance.GetAsync(complete, attempt), cancel));
            if (item?.Error is { } unreadable)
                throw new InvalidDataException(unreadable);
            measured.Succeeded();
            return item;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new DaprException("ERR_STATE_GET", StatusCodes.Status500InternalServerError, StatusCode.Internal, $"fail to get {key} from state store {store}: {failure.Message}");
        }
    }

    public async Task<IReadOnlyList<StateItem?>> GetManyAsync(AppRuntime app, string store, IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var (spec, instance) = Store(app, store);
        var complete = keys.Select(key => KeyPrefix.Apply(key, spec, app)).ToList();
        using var measured = metrics.State(app, store, "bulk_get");
        try
        {
            var items = await Policy(app, store).ExecuteAsync(attempt => instance.GetManyAsync(complete, attempt), cancel);
            measured.Succeeded();
            return spec.Encryption is null ? items : [.. items.Select(item => Open(spec, item))];
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new DaprException("ERR_STATE_BULK_GET", StatusCodes.Status500InternalServerError, StatusCode.Internal, failure.Message);
        }
    }

    /// <summary>Each item on its own, as daprd does it: what can be saved is saved, the errors are joined.</summary>
    public Task SaveAsync(AppRuntime app, string store, IReadOnlyList<StateRequest> requests, CancellationToken cancel) =>
        EachAsync(app, store, requests, (request, key, spec, instance) => Set(spec, request, key, instance), "set", "ERR_STATE_SAVE", $"failed saving state in state store {store}", cancel);

    public Task DeleteAsync(AppRuntime app, string store, StateRequest request, CancellationToken cancel) =>
        EachAsync(app, store, [request], (one, key, _, _) => one.Delete(key), "delete", "ERR_STATE_DELETE", $"failed deleting state with key {request.Key}", cancel);

    public Task DeleteManyAsync(AppRuntime app, string store, IReadOnlyList<StateRequest> requests, CancellationToken cancel) =>
        EachAsync(app, store, requests, (request, key, _, _) => request.Delete(key), "bulk_delete", "ERR_STATE_DELETE_BULK", $"failed deleting state in state store {store}", cancel);

    /// <summary>All or nothing; every failure is ERR_STATE_TRANSACTION.</summary>
    public async Task TransactAsync(AppRuntime app, string store, IReadOnlyList<(string Operation, StateRequest Request)> operations, CancellationToken cancel)
    {
        var (spec, instance) = Store(app, store);
        var keys = new List<string>();
        foreach (var (operation, request) in operations)
        {
            if (operation is not ("upsert" or "delete"))
                throw new DaprException("ERR_NOT_SUPPORTED_STATE_OPERATION", StatusCodes.Status400BadRequest, StatusCode.Unimplemented, $"operation type {operation} not supported");
            keys.Add(KeyPrefix.Apply(request.Key, spec, app));
        }
        IReadOnlyList<string> marks = [];
        if (OutboxSettings.Of(spec) is { } outbox)
        {
            (operations, marks) = await Outbox.PublishAsync(app, outbox, operations, publisher, time, cancel);
            keys = [.. operations.Select(one => KeyPrefix.Apply(one.Request.Key, spec, app))];
        }
        using var measured = metrics.State(app, store, "transaction");
        try
        {
            var commit = operations.Select((one, at) => one.Operation == "upsert" ? (StateOperation)Set(spec, one.Request, keys[at], instance) : one.Request.Delete(keys[at]))
                .Concat(marks.Select(mark => new SetState(mark, "\"0\""u8.ToArray(), IsText: true))).ToList();
            var failure = await Policy(app, store).ExecuteAsync(async attempt =>
            {
                var wrong = await TryAsync(instance, () => commit, attempt);
                return new Attempt<Exception?>(wrong, Failed: IsWorthAnotherTry(wrong));
            }, null, cancel);
            if (failure is not null)
                throw failure;
            measured.Succeeded();
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new DaprException("ERR_STATE_TRANSACTION", StatusCodes.Status500InternalServerError, StatusCode.Internal, $"error while executing state transaction: {failure.Message}");
        }
    }

    /// <summary>Keys as the app knows them.</summary>
    public async Task<StateQueryResult> QueryAsync(AppRuntime app, string store, ReadOnlyMemory<byte> query, CancellationToken cancel)
    {
        var (spec, instance) = Store(app, store);
        if (instance is not IQueryableStateStore queryable)
        {
            throw new DaprException("ERR_STATE_STORE_NOT_SUPPORTED", StatusCodes.Status500InternalServerError, StatusCode.Internal, "state store does not support querying")
            {
                Info = new DaprErrorInfo("DAPR_STATE_QUERYING_NOT_SUPPORTED"),
                Resource = new DaprResource("state", store),
            };
        }
        try
        {
            if (spec.Encryption is not null)
                throw new InvalidOperationException("cannot query encrypted store");
            var parsed = StateQuery.Parse(query);
            var found = await Policy(app, store).ExecuteAsync(attempt => queryable.QueryAsync(parsed, KeyPrefix.Apply("", spec, app), attempt), cancel);
            return found with { Items = [.. found.Items.Select(item => item with { Key = KeyPrefix.Remove(item.Key) })] };
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new DaprException("ERR_STATE_QUERY", StatusCodes.Status500InternalServerError, StatusCode.Internal, $"state store {store} query failed: {failure.Message}")
            {
                Info = new DaprErrorInfo("DAPR_STATE_QUERY_FAILED"),
                Resource = new DaprResource("state", store),
            };
        }
    }

    private static StateItem? Open(ComponentSpec spec, StateItem? item) => item is null || spec.Encryption is not { } encryption ? item : encryption.Decrypt(item);

    private static SetState Set(ComponentSpec spec, StateRequest request, string key, IStateStore store) =>
        request.Set(key, store) is var set && spec.Encryption is { } encryption ? encryption.Encrypt(set) : set;

    private ResiliencyPolicy Policy(AppRuntime app, string store) => resiliency.ComponentOutbound(app.AppId, store, ResiliencyComponentType.Statestore);

    private async Task EachAsync(
        AppRuntime app, string store, IReadOnlyList<StateRequest> requests, Func<StateRequest, string, ComponentSpec, IStateStore, StateOperation> operation, string name, string code, string what, CancellationToken cancel)
    {
        var (spec, instance) = Store(app, store);
        var keys = requests.Select(request => KeyPrefix.Apply(request.Key, spec, app)).ToList();
        var failures = new Exception?[requests.Count];
        var left = Enumerable.Range(0, requests.Count).ToList();
        using var measured = metrics.State(app, store, name);
        try
        {
            await Policy(app, store).ExecuteAsync(async attempt =>
            {
                await Task.WhenAll(left.Select(async at => failures[at] = await TryAsync(instance, () => [operation(requests[at], keys[at], spec, instance)], attempt)));
                left = [.. left.Where(at => IsWorthAnotherTry(failures[at]))];
                return new Attempt<bool>(true, Failed: left.Count > 0);
            }, null, cancel);
        }
        catch (Exception failure) when (failure is TimeoutException or CircuitOpenException)
        {
            foreach (var at in left)
                failures[at] = failure;
        }
        if (failures.OfType<Exception>().ToList() is { Count: > 0 } wrong)
            throw Failed(wrong, single: requests.Count == 1, code, what);
        measured.Succeeded();
    }

    /// <summary>A wrong etag or request is as wrong the next time.</summary>
    private static bool IsWorthAnotherTry(Exception? failure) => failure is not (null or ETagMismatchException or InvalidETagException or StateOptionException);

    private static DaprException Failed(List<Exception> wrong, bool single, string code, string what)
    {
        var etag = wrong.Find(failure => failure is InvalidETagException) ?? wrong.Find(failure => failure is ETagMismatchException);
        var joined = string.Join('\n', wrong.Select(failure => failure.Message));
        if (etag is null)
            return new DaprException(code, StatusCodes.Status500InternalServerError, StatusCode.Internal, $"{what}: {joined}");
        var onlyETags = wrong.TrueForAll(failure => failure is ETagMismatchException or InvalidETagException);
        var (words, http, grpc) = etag is InvalidETagException
            ? (InvalidETagException.Words, StatusCodes.Status400BadRequest, StatusCode.InvalidArgument)
            : (ETagMismatchException.Words, StatusCodes.Status409Conflict, StatusCode.Aborted);
        return new DaprException(code, http, grpc, $"{what}: {(!single && onlyETags ? $"{words}: {joined}" : etag.Message)}");
    }

    private static async Task<Exception?> TryAsync(IStateStore store, Func<IReadOnlyList<StateOperation>> operations, CancellationToken cancel)
    {
        try
        {
            await store.CommitAsync(operations(), cancel);
            return null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return failure;
        }
    }
}
