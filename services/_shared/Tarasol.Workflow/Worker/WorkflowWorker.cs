using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>
/// Takes work items from the sidecar and answers them, 100 turns and 100 activities at a time, and connects again for ever when the stream ends. When the app
/// stops, what is under way is finished first; what the sidecar still sends meanwhile it gives to the next worker.
/// </summary>
internal sealed partial class WorkflowWorker(
    TaskHubConnection hub, WorkflowRegistry registry, IServiceScopeFactory scopes, ILoggerFactory loggers, TimeProvider time) : IHostedService, IDisposable
{
    private const int MaxConcurrentTurns = 100;
    private const int MaxConcurrentActivities = 100;
    private const int MostKept = 1000;
    private static readonly TimeSpan HelloInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ResultRetryTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ResultRetryTimeWhenStopping = TimeSpan.FromSeconds(2);

    private readonly ILogger _log = loggers.CreateLogger<WorkflowWorker>();
    private readonly WorkflowTurn _turns = new(registry, loggers);
    private readonly ActivityRun _activities = new(registry);
    private readonly KeptWorkflows _kept = new(MostKept);
    private readonly SemaphoreSlim _turnSlots = new(MaxConcurrentTurns);
    private readonly SemaphoreSlim _activitySlots = new(MaxConcurrentActivities);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _drained = new();
    private Task _running = Task.CompletedTask;
    private volatile CancellationTokenSource? _stream;
    private int _underWay;
    private bool _draining;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(() => KeepConnectedAsync(_stop.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _draining = true;
            if (_underWay == 0)
            {
                _drained.TrySetResult();
            }
        }

        // The stream stays open meanwhile: closing it would make the sidecar give the same items to somebody else.
        await _drained.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // A host may be stopped twice, the second time when the first has already disposed everything.
        if (!_stop.IsCancellationRequested)
            await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _stop.Dispose();
        _turnSlots.Dispose();
        _activitySlots.Dispose();
    }

    private async Task KeepConnectedAsync(CancellationToken stop)
    {
        var backOff = FirstBackOff;
        while (!stop.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            try
            {
                await ReceiveAsync(stop);
                LogStreamEnded(_log, hub.Endpoint);
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (RpcException error)
            {
                LogStreamBroke(_log, hub.Endpoint, error.StatusCode, error.Status.Detail);
            }
#pragma warning disable CA1031 // A worker that gave up would leave its workflows waiting for ever.
            catch (Exception error)
            {
                LogStreamFailed(_log, error, hub.Endpoint);
            }
#pragma warning restore CA1031

            backOff = time.GetElapsedTime(began) > TimeSpan.FromSeconds(10) ? FirstBackOff : backOff;
            await Task.Delay(backOff, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff;
        }
    }

    private async Task ReceiveAsync(CancellationToken stop)
    {
        using var connected = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var stream = hub.Client.GetWorkItems(new GetWorkItemsRequest { Capabilities = { WorkerCapability.StatefulHistory } }, hub.Call(connected.Token));
        await _kept.ClearAsync();
        _stream = connected;
        var hello = KeepAliveAsync(connected.Token);
        try
        {
            await foreach (var item in stream.ResponseStream.ReadAllAsync(connected.Token))
            {
                Begin(item);
            }
        }
        finally
        {
            _stream = null;
            await connected.CancelAsync();
            await hello.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task KeepAliveAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(HelloInterval, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            try
            {
                await hub.Client.HelloAsync(new Empty(), hub.Call(stop, HelloInterval));
            }
            catch (RpcException error) when (!stop.IsCancellationRequested)
            {
                LogHelloFailed(_log, hub.Endpoint, error.StatusCode);
            }
        }
    }

    private void Begin(WorkItem item)
    {
        lock (_gate)
        {
            if (_draining)
            {
                return;
            }

            _underWay++;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await (item.RequestCase == WorkItem.RequestOneofCase.ActivityRequest ? RunActivityAsync(item) : RunTurnAsync(item));
            }
#pragma warning disable CA1031 // Logged; the sidecar sends the item again once it notices.
            catch (Exception error)
            {
                LogItemFailed(_log, error, item.RequestCase.ToString());
            }
#pragma warning restore CA1031
            finally
            {
                lock (_gate)
                {
                    if (--_underWay == 0 && _draining)
                    {
                        _drained.TrySetResult();
                    }
                }
            }
        });
    }

    private async Task RunTurnAsync(WorkItem item)
    {
        if (item.WorkflowRequest is not { } request)
        {
            LogUnknownItem(_log);
            return;
        }

        await _turnSlots.WaitAsync();
        try
        {
            var kept = await _kept.TakeAsync(request);
            if (kept is null && (request.RequiresHistoryStreaming || request.CachedHistory is not null) && !await TryReadHistoryAsync(request))
            {
                return;
            }

            var response = await AnswerAsync(request, item.CompletionToken, kept);
            try
            {
                // This method and not CompleteWorkflowTask: Dapr 1.17 knows no other.
                await hub.Client.CompleteOrchestratorTaskAsync(response, hub.Call(_stop.Token));
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.ResourceExhausted)
            {
                // It would be refused again each time; without an answer the instance would hang.
                await hub.Client.CompleteOrchestratorTaskAsync(WorkflowTurn.TooLarge(response, error.Status.Detail), hub.Call(_stop.Token));
            }
        }
        catch (RpcException error)
        {
            LogAnswerRefused(_log, "turn", request.InstanceId, error.StatusCode, error.Status.Detail);
        }
        finally
        {
            _turnSlots.Release();
        }
    }

    /// <summary>
    /// The sidecar left out what it takes this worker to know, or what is too long to send along. False: it does not say it either. Then the stream is ended, because the
    /// protocol has no other way to give a work item back.
    /// </summary>
    private async Task<bool> TryReadHistoryAsync(WorkflowRequest request)
    {
        GetInstanceHistoryResponse past;
        try
        {
            past = await hub.Client.GetInstanceHistoryAsync(new GetInstanceHistoryRequest { InstanceId = request.InstanceId }, hub.Call(_stop.Token));
        }
        catch (RpcException error)
        {
            LogNoHistory(_log, request.InstanceId, error.StatusCode, error.Status.Detail);
            if (_stream is { } stream)
            {
                await stream.CancelAsync();
            }

            return false;
        }

        var rest = request.CachedHistory is null ? request.PastEvents.ToList() : [];
        request.PastEvents.Clear();
        request.PastEvents.Add(past.Events);
        request.PastEvents.Add(rest);
        return true;
    }

    private async Task<WorkflowResponse> AnswerAsync(WorkflowRequest request, string completionToken, KeptWorkflow? kept)
    {
        var scope = kept?.Scope ?? scopes.CreateAsyncScope();
        var response = _turns.Run(request, completionToken, scope.ServiceProvider, kept, out var keep);
        if (keep is null)
        {
            await scope.DisposeAsync();
        }
        else
        {
            // Before the answer goes out: the next turn may come at once.
            keep.Scope = scope;
            await _kept.PutAsync(request.InstanceId, keep);
        }

        return response;
    }

    private async Task RunActivityAsync(WorkItem item)
    {
        var request = item.ActivityRequest;
        await _activitySlots.WaitAsync();
        try
        {
            ActivityResponse response;
            await using (var scope = scopes.CreateAsyncScope())
            {
                response = await _activities.RunAsync(request, item.CompletionToken, scope.ServiceProvider);
            }

            try
            {
                await SendResultAsync(response);
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.ResourceExhausted)
            {
                await SendResultAsync(ActivityRun.TooLarge(response, request.Name, error.Status.Detail));
            }
        }
        catch (RpcException error)
        {
            LogAnswerRefused(_log, $"activity '{request.Name}'", request.WorkflowInstance?.InstanceId ?? "", error.StatusCode, error.Status.Detail);
        }
        finally
        {
            _activitySlots.Release();
        }
    }

    /// <summary>A result that cannot be delivered means that the activity runs a second time, so a sidecar that is just starting again gets a moment.</summary>
    private async Task SendResultAsync(ActivityResponse response)
    {
        var began = time.GetTimestamp();
        for (var backOff = FirstBackOff; ; backOff = backOff * 2 < LongestBackOff ? backOff * 2 : LongestBackOff)
        {
            try
            {
                await hub.Client.CompleteActivityTaskAsync(response, hub.Call(_stop.Token));
                return;
            }
            catch (RpcException error) when (
                error.StatusCode == StatusCode.Unavailable
                && time.GetElapsedTime(began) < (_draining ? ResultRetryTimeWhenStopping : ResultRetryTime)
                && !_stop.IsCancellationRequested)
            {
                await Task.Delay(backOff, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The sidecar at {Endpoint} ended the workflow stream; connecting again.")]
    private static partial void LogStreamEnded(ILogger log, Uri endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No workflow stream to the sidecar at {Endpoint} ({Status}: {Detail}); trying again.")]
    private static partial void LogStreamBroke(ILogger log, Uri endpoint, StatusCode status, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "The workflow stream to the sidecar at {Endpoint} failed; trying again.")]
    private static partial void LogStreamFailed(ILogger log, Exception error, Uri endpoint);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The sidecar at {Endpoint} did not answer a keepalive ({Status}).")]
    private static partial void LogHelloFailed(ILogger log, Uri endpoint, StatusCode status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The history of instance {InstanceId} could not be read ({Status}: {Detail}); connecting again, so that the sidecar sends it.")]
    private static partial void LogNoHistory(ILogger log, string instanceId, StatusCode status, string detail);

    [LoggerMessage(Level = LogLevel.Error, Message = "A work item ({Kind}) could not be worked on; the sidecar will send it again.")]
    private static partial void LogItemFailed(ILogger log, Exception error, string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sidecar sent a work item of a kind that this version does not know; ignored.")]
    private static partial void LogUnknownItem(ILogger log);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sidecar did not take the answer to a {Item} of instance {InstanceId} ({Status}: {Detail}); it will send the item again if it is still due.")]
    private static partial void LogAnswerRefused(ILogger log, string item, string instanceId, StatusCode status, string detail);
}
