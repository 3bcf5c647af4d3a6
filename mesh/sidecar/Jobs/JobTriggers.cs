using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Actors;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Jobs;

/// <summary>Calls the app when a job is due: POST /job/{name} with its data. 2xx and 404 are done, all else is for the failure policy; while the app is away jobs wait.</summary>
internal sealed class JobTriggers(JobSchedulers schedulers, ILogger<JobTriggers> log) : IAppPart, IDisposable
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _up = new();

    public async Task StartAsync(AppRuntime app, CancellationToken cancel)
    {
        if (app.Channel is null || app.ActorStateStore is null)
            return;
        _up[app.AppId] = new CancellationTokenSource();
        await schedulers.DeliverAsync(app, JobsApi.Kind, (job, stop) => TriggerAsync(app, job, stop));
    }

    public async Task StopAsync(AppRuntime app, CancellationToken cancel)
    {
        if (!_up.TryRemove(app.AppId, out var up))
            return;
        await up.CancelAsync();
        up.Dispose();
        schedulers.Withdraw(app, JobsApi.Kind);
    }

    public void Dispose()
    {
        foreach (var up in _up.Values)
            up.Dispose();
    }

    private async Task<Delivery> TriggerAsync(AppRuntime app, ScheduledJob job, CancellationToken stop)
    {
        if (!_up.TryGetValue(app.AppId, out var up))
            return Delivery.Away;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, up.Token);
        if (app.Grpc is { } grpc)
            return await TriggerGrpcAsync(grpc, app, job, either.Token, stop);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, ActorNames.AppPath(["job", .. job.Key.Name.TrimStart('/').Split('/')])) { Content = new ReadOnlyMemoryContent(Body(job)) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await app.Channel!.SendAsync(request, either.Token);
            if (response.IsSuccessStatusCode)
                return Delivery.Done;
            log.LogError("Job {Job} of {App}: the app answered {Status}{Final}", job.Key.Name, app.AppId, (int)response.StatusCode,
                response.StatusCode == HttpStatusCode.NotFound ? ", it has no handler; it is not tried again" : "");
            return response.StatusCode == HttpStatusCode.NotFound ? Delivery.Done : Delivery.Failed;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Delivery.Away;
        }
        catch (HttpRequestException e)
        {
            log.LogWarning("Job {Job} of {App} is tried again: the app could not be reached: {Problem}", job.Key.Name, app.AppId, e.Message);
            return Delivery.Later;
        }
    }

    private async Task<Delivery> TriggerGrpcAsync(GrpcAppChannel channel, AppRuntime app, ScheduledJob job, CancellationToken cancel, CancellationToken stop)
    {
        var name = job.Key.Name;
        var data = job.Data is null ? new Any() : Any.Parser.ParseFrom(job.Data);
        var request = new JobEventRequest { Name = name, Data = data, Method = $"job/{name}", ContentType = data.TypeUrl, HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Post } };
        try
        {
            try
            {
                await channel.CallAsync(AppCallbacks.OnJobEvent, request, null, cancel);
            }
            catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
            {
                await channel.CallAsync(AppCallbacks.OnJobEventAlpha1, request, null, cancel);
            }
            return Delivery.Done;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Delivery.Away;
        }
        catch (RpcException failure) when (GrpcAppChannel.IsUnreachable(failure))
        {
            log.LogWarning("Job {Job} of {App} is tried again: the app could not be reached: {Problem}", name, app.AppId, failure.Status.Detail);
            return Delivery.Later;
        }
        catch (RpcException failure)
        {
            var final = failure.StatusCode is StatusCode.NotFound or StatusCode.Unimplemented;
            log.LogError("Job {Job} of {App}: the app answered {Status} {Problem}{Final}", name, app.AppId, failure.StatusCode, failure.Status.Detail, final ? "; it is not tried again" : "");
            return final ? Delivery.Done : Delivery.Failed;
        }
    }

    private static ReadOnlyMemory<byte> Body(ScheduledJob job)
    {
        if (job.Data is null)
            return default;
        var data = Any.Parser.ParseFrom(job.Data);
        return data.Is(Value.Descriptor)
            ? System.Text.Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(data.Unpack<Value>()))
            : data.Value.Memory;
    }
}
