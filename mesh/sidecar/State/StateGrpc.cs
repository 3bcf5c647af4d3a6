using System.Text;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.State;

/// <summary>The state API over gRPC. Values are bytes, stored as sent.</summary>
internal static class StateGrpc
{
    public static void Bind(DaprMethods methods)
    {
        methods.Unary<GetStateRequest, GetStateResponse>("GetState", GetAsync);
        methods.Unary<GetBulkStateRequest, GetBulkStateResponse>("GetBulkState", GetBulkAsync);
        methods.Unary<SaveStateRequest, Empty>("SaveState", SaveAsync);
        methods.Unary<DeleteStateRequest, Empty>("DeleteState", DeleteAsync);
        methods.Unary<DeleteBulkStateRequest, Empty>("DeleteBulkState", DeleteBulkAsync);
        methods.Unary<ExecuteStateTransactionRequest, Empty>("ExecuteStateTransaction", TransactAsync);
        methods.Unary<QueryStateRequest, QueryStateResponse>("QueryStateAlpha1", QueryAsync);
    }

    private static StateApi Api(ServerCallContext call) => call.GetHttpContext().RequestServices.GetRequiredService<StateApi>();

    private static async Task<GetStateResponse> GetAsync(AppRuntime app, GetStateRequest request, ServerCallContext call)
    {
        var response = new GetStateResponse();
        if (await Api(call).GetAsync(app, request.StoreName, request.Key, call.CancellationToken) is not { } item)
            return response;
        response.Data = ByteString.CopyFrom(item.Value.Span);
        response.Etag = item.ETag;
        if (item.Expires is { } expires)
            response.Metadata["ttlExpireTime"] = StateHttp.Rfc3339(expires);
        return response;
    }

    private static async Task<GetBulkStateResponse> GetBulkAsync(AppRuntime app, GetBulkStateRequest request, ServerCallContext call)
    {
        var items = await Api(call).GetManyAsync(app, request.StoreName, request.Keys, call.CancellationToken);
        var response = new GetBulkStateResponse();
        for (var at = 0; at < items.Count; at++)
        {
            var answer = new BulkStateItem { Key = request.Keys[at] };
            if (items[at] is { } item)
            {
                answer.Data = ByteString.CopyFrom(item.Value.Span);
                answer.Etag = item.ETag;
                answer.Error = item.Error ?? "";
                if (item.Expires is { } expires)
                    answer.Metadata["ttlExpireTime"] = StateHttp.Rfc3339(expires);
            }
            response.Items.Add(answer);
        }
        return response;
    }

    private static async Task<Empty> SaveAsync(AppRuntime app, SaveStateRequest request, ServerCallContext call)
    {
        StateApi.Store(app, request.StoreName);
        if (request.States.Any(item => item.Key.Length == 0))
            throw new DaprException("ERR_STATE_SAVE", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, "state key cannot be empty");
        await Api(call).SaveAsync(app, request.StoreName, [.. request.States.Select(ReadValue)], call.CancellationToken);
        return new Empty();
    }

    private static async Task<Empty> DeleteAsync(AppRuntime app, DeleteStateRequest request, ServerCallContext call)
    {
        var delete = new StateRequest(request.Key, default, IsText: false, request.Etag?.Value, Concurrency(request.Options), Consistency(request.Options), request.Metadata);
        await Api(call).DeleteAsync(app, request.StoreName, delete, call.CancellationToken);
        return new Empty();
    }

    private static async Task<Empty> DeleteBulkAsync(AppRuntime app, DeleteBulkStateRequest request, ServerCallContext call)
    {
        await Api(call).DeleteManyAsync(app, request.StoreName, [.. request.States.Select(Read)], call.CancellationToken);
        return new Empty();
    }

    private static async Task<Empty> TransactAsync(AppRuntime app, ExecuteStateTransactionRequest request, ServerCallContext call)
    {
        await Api(call).TransactAsync(app, request.StoreName, [.. request.Operations.Select(operation => (operation.OperationType, Read(operation.Request ?? new Dapr.Client.Autogen.Grpc.v1.StateItem())))], call.CancellationToken);
        return new Empty();
    }

    private static async Task<QueryStateResponse> QueryAsync(AppRuntime app, QueryStateRequest request, ServerCallContext call)
    {
        var found = await Api(call).QueryAsync(app, request.StoreName, Encoding.UTF8.GetBytes(request.Query), call.CancellationToken);
        var response = new QueryStateResponse();
        if (found.Items.Count == 0)
            return response;
        response.Token = found.Token ?? "";
        response.Results.Add(found.Items.Select(item => new QueryStateItem { Key = item.Key, Data = ByteString.CopyFrom(item.Value.Span), Etag = item.ETag }));
        return response;
    }

    public static StateRequest Read(Dapr.Client.Autogen.Grpc.v1.StateItem item) =>
        new(item.Key, item.Value.Memory, IsText: false, item.Etag?.Value, Concurrency(item.Options), Consistency(item.Options), item.Metadata);

    /// <summary>Metadata contentType application/json makes JSON of the bytes, but in transactions.</summary>
    private static StateRequest ReadValue(Dapr.Client.Autogen.Grpc.v1.StateItem item)
    {
        var request = Read(item);
        if (!item.Metadata.TryGetValue("contentType", out var contentType) || contentType != "application/json")
            return request;
        try
        {
            return request with { Value = GoJson.Encode(GoJson.Decode(item.Value.Memory)), IsText = true };
        }
        catch (GoJsonException wrong)
        {
            throw new DaprException("ERR_MALFORMED_REQUEST", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, $"the value of {item.Key} is not JSON: {wrong.Message}");
        }
    }

    private static string Concurrency(StateOptions? options) => options?.Concurrency switch
    {
        StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite => "first-write",
        StateOptions.Types.StateConcurrency.ConcurrencyLastWrite => "last-write",
        _ => "",
    };

    private static string Consistency(StateOptions? options) => options?.Consistency switch
    {
        StateOptions.Types.StateConsistency.ConsistencyStrong => "strong",
        StateOptions.Types.StateConsistency.ConsistencyEventual => "eventual",
        _ => "",
    };
}
