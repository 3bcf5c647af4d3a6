using System.Text.Json;
using System.Text.Json.Serialization;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Workflows;

/// <summary>
/// Which host runs the workflows of an app: the one whose name stands in the app's actor state store. It renews its claim while it lives; another host with the same app
/// and store takes over when the claim has lapsed, at once when it can see that the process is dead. Without it two engines would run the same instances.
/// </summary>
internal sealed partial class EngineLease(IStateStore store, string appId, string @namespace, TimeProvider time, ILogger log, Action lost) : IDisposable
{
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(4);

    /// <summary>Before its end nothing is begun any more: a commit under way has to be over in time.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(4);

    private static readonly string Host = Guid.NewGuid().ToString("N");

    private readonly string _key = $"{appId}||dapr.internal.{@namespace}.{appId}.workflowindex||index||owner";
    private readonly SemaphoreSlim _gate = new(1);
    private readonly CancellationTokenSource _stop = new();
    private long _renewed;
    private bool _held;
    private Task _renewing = Task.CompletedTask;

    /// <summary>Whether this host may change the app's instances now.</summary>
    public bool IsHeld => Volatile.Read(ref _held) && time.GetElapsedTime(Volatile.Read(ref _renewed)) < Lasts - Margin;

    /// <summary>Throws <see cref="RpcException"/> Unavailable when another host runs the app's workflows: whoever asked asks again.</summary>
    public async ValueTask TakeAsync(CancellationToken cancel)
    {
        if (IsHeld)
        {
            return;
        }

        await _gate.WaitAsync(cancel);
        try
        {
            if (!IsHeld)
            {
                await ClaimAsync(cancel);
                Volatile.Write(ref _held, true);
                if (_renewing.IsCompleted)
                {
                    _renewing = Task.Run(RenewAsync, CancellationToken.None);
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>For the store's commits: a host that slept through its claim must not write. Throws <see cref="RpcException"/> Unavailable.</summary>
    public void Check()
    {
        if (!IsHeld)
        {
            throw Elsewhere("the claim of this host has lapsed");
        }
    }

    /// <summary>Gives the claim up, so that another host need not wait for its end.</summary>
    public async Task ReleaseAsync(CancellationToken cancel)
    {
        await _stop.CancelAsync();
        await _renewing;
        if (!_held)
        {
            return;
        }

        _held = false;
        if (await store.GetAsync(_key, cancel) is { } found && Read(found).Host == Host)
        {
            try
            {
                await store.CommitAsync([new DeleteState(_key, found.ETag)], cancel);
            }
            catch (ETagMismatchException)
            {
                // Somebody else's already.
            }
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _gate.Dispose();
    }

    private async Task ClaimAsync(CancellationToken cancel)
    {
        var found = await store.GetAsync(_key, cancel);
        var owner = found is null ? null : Read(found);
        if (owner is not null && owner.Host != Host && owner.Until > time.GetUtcNow() && !HostProcess.IsDead(owner.Machine, owner.Process, owner.Started))
        {
            Lose();
            throw Elsewhere($"they are run by another host (process {owner.Process} on {owner.Machine})");
        }

        if (_renewed != 0 && owner?.Host != Host)
        {
            // Others had them meanwhile: what is in memory here is not what is in the store.
            Lose();
            throw Elsewhere("they were run by another host meanwhile");
        }

        var began = Math.Max(1, time.GetTimestamp());
        var claim = JsonSerializer.SerializeToUtf8Bytes(
            new EngineOwner(Host, HostProcess.Machine, HostProcess.Id, HostProcess.Started, time.GetUtcNow() + Lasts), EngineLeaseJson.Default.EngineOwner);
        try
        {
            await store.CommitAsync([new SetState(_key, claim, found?.ETag, Concurrency.FirstWrite, IsText: true)], cancel);
        }
        catch (ETagMismatchException)
        {
            Lose();
            throw Elsewhere("another host has just taken them");
        }

        Volatile.Write(ref _renewed, began);
    }

    private void Lose()
    {
        if (_held)
        {
            Volatile.Write(ref _held, false);
            lost();
        }
    }

    private RpcException Elsewhere(string why) => new(new Status(StatusCode.Unavailable, $"the workflows of {appId} cannot be run by this host now: {why}"));

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(RenewEvery);
        while (await NextAsync(timer))
        {
            await _gate.WaitAsync();
            try
            {
                await ClaimAsync(_stop.Token);
            }
            catch (RpcException elsewhere)
            {
                LogLost(log, appId, elsewhere.Status.Detail);
                return;
            }
#pragma warning disable CA1031 // The store is away; the claim lapses by itself if it stays so.
            catch (Exception error) when (!_stop.IsCancellationRequested)
            {
                LogNotRenewed(log, error, appId);
            }
            catch (Exception)
            {
                return;
            }
#pragma warning restore CA1031
            finally
            {
                _gate.Release();
            }
        }
    }

    private async Task<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static EngineOwner Read(StateItem item) => JsonSerializer.Deserialize(item.Value.Span, EngineLeaseJson.Default.EngineOwner)!;

    [LoggerMessage(Level = LogLevel.Error, Message = "Workflows of {AppId}: this host has lost them: {Problem}")]
    private static partial void LogLost(ILogger log, string appId, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Workflows of {AppId}: the claim could not be renewed; it is tried again")]
    private static partial void LogNotRenewed(ILogger log, Exception error, string appId);
}

internal sealed record EngineOwner(string Host, string Machine, int Process, DateTime Started, DateTimeOffset Until);

[JsonSerializable(typeof(EngineOwner))]
internal sealed partial class EngineLeaseJson : JsonSerializerContext;
