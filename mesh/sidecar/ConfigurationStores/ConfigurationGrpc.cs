using System.Collections.Concurrent;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.ConfigurationStores;

/// <summary>The configuration API over gRPC. A subscription is a stream: first its id, then the updates (wire: 10).</summary>
internal sealed class ConfigurationGrpc(ConfigurationApi configuration, IHostApplicationLifetime lifetime)
{
    private readonly ConcurrentDictionary<(string AppId, string Id), TaskCompletionSource> streams = new();

    public static void Bind(DaprMethods methods)
    {
        foreach (var suffix in (string[])["", "Alpha1"])
        {
            methods.Unary<GetConfigurationRequest, GetConfigurationResponse>($"GetConfiguration{suffix}", (app, request, call) => Of(call).GetAsync(app, request, call));
            methods.ServerStream<SubscribeConfigurationRequest, SubscribeConfigurationResponse>($"SubscribeConfiguration{suffix}", (app, request, answers, call) => Of(call).SubscribeAsync(app, request, answers, call));
            methods.Unary<UnsubscribeConfigurationRequest, UnsubscribeConfigurationResponse>($"UnsubscribeConfiguration{suffix}", (app, request, call) => Task.FromResult(Of(call).Unsubscribe(app, request)));
        }
    }

    private static ConfigurationGrpc Of(ServerCallContext call) => call.GetHttpContext().RequestServices.GetRequiredService<ConfigurationGrpc>();

    private async Task<GetConfigurationResponse> GetAsync(AppRuntime app, GetConfigurationRequest request, ServerCallContext call)
    {
        var response = new GetConfigurationResponse();
        foreach (var (key, item) in await configuration.GetAsync(app, request.StoreName, request.Keys, call.CancellationToken))
            response.Items[key] = Item(item);
        return response;
    }

    private async Task SubscribeAsync(AppRuntime app, SubscribeConfigurationRequest request, IServerStreamWriter<SubscribeConfigurationResponse> answers, ServerCallContext call)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, lifetime.ApplicationStopping);
        var watch = await configuration.SubscribeAsync(
            app, request.StoreName, [.. request.Keys.Order(StringComparer.Ordinal)],
            async (id, key, item, cancel) =>
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, end.Token);
                await answers.WriteAsync(new SubscribeConfigurationResponse { Id = id, Items = { [key] = Item(item) } }, either.Token);
            }, end.Token);
        var unsubscribed = streams[(app.AppId, watch.Id)] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await answers.WriteAsync(new SubscribeConfigurationResponse { Id = watch.Id }, end.Token);
            watch.Start();
            await unsubscribed.Task.WaitAsync(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                throw new RpcException(new Status(StatusCode.Unavailable, "the sidecar is shutting down"));
        }
        finally
        {
            streams.TryRemove((app.AppId, watch.Id), out _);
            await configuration.UnsubscribeAsync(app, request.StoreName, watch.Id);
        }
    }

    private UnsubscribeConfigurationResponse Unsubscribe(AppRuntime app, UnsubscribeConfigurationRequest request)
    {
        if (!streams.TryRemove((app.AppId, request.Id), out var unsubscribed))
            return new UnsubscribeConfigurationResponse { Message = $"failed to unsubscribe to configuration request {request.Id}: subscription does not exist" };
        unsubscribed.TrySetResult();
        return new UnsubscribeConfigurationResponse { Ok = true };
    }

    private static Dapr.Client.Autogen.Grpc.v1.ConfigurationItem Item(ConfigurationItem item) => new() { Value = item.Value, Version = item.Version, Metadata = { item.Metadata.ToDictionary() } };
}
