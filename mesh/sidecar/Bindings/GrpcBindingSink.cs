using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Resiliency;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Bindings;

/// <summary>Events of input bindings for a gRPC app: ListInputBindings tells which it wants, OnBindingEvent takes them.</summary>
internal sealed class GrpcBindingSink(GrpcAppChannel channel) : IBindingSink
{
    public async Task<bool> IsWantedAsync(string binding, string route, CancellationToken cancel)
    {
        try
        {
            var (answer, _) = await channel.CallAsync(AppCallbacks.ListInputBindings, new Empty(), null, cancel);
            return answer.Bindings.Contains(binding);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
        {
            return false;
        }
        catch (RpcException failure)
        {
            throw new HttpRequestException(failure.Status.Detail, failure);
        }
    }

    public async Task<BindingAnswer?> DeliverAsync(string binding, string route, BindingEvent happened, ResiliencyPolicy policy, CancellationToken cancel)
    {
        var request = new BindingEventRequest { Name = binding, Data = ByteString.CopyFrom(happened.Data.Span), Metadata = { happened.Metadata.ToDictionary() } };
        try
        {
            var (answer, failure) = await policy.ExecuteAsync(async attempt =>
            {
                try
                {
                    return new Attempt<(BindingEventResponse?, RpcException?)>(((await channel.CallAsync(AppCallbacks.OnBindingEvent, request, null, attempt)).Response, null));
                }
                catch (RpcException wrong)
                {
                    return new Attempt<(BindingEventResponse?, RpcException?)>((null, wrong), Failed: true, (int)wrong.StatusCode);
                }
            }, null, cancel);
            return answer is null ? throw new BindingException($"error invoking app: {failure!.Status.Detail}") : Read(answer);
        }
        catch (Exception failure) when (failure is TimeoutException or CircuitOpenException)
        {
            throw new BindingException($"error invoking app: {failure.Message}");
        }
    }

    private static BindingAnswer? Read(BindingEventResponse answer) => answer.To.Count == 0 && answer.States.Count == 0
        ? null
        : new BindingAnswer(
            answer.Data.Memory, [.. answer.To], answer.Concurrency == BindingEventResponse.Types.BindingEventConcurrency.Parallel, answer.StoreName,
            [.. answer.States.Select(StateGrpc.Read)]);
}
