using System.Diagnostics;
using System.Text.Json;
using Dapr.Client;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Prometheus;
using Tarasol.Messaging.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Messaging;

/// <summary>
/// Publishes outbox rows: right after each commit, and by a sweep of all tenants whatever was left by a crash or a broker that was away.
/// A row that the broker refuses again and again is parked, so that it holds up nothing.
/// </summary>
internal sealed class OutboxRelay<TContext>(
    TContext db, CurrentTenant tenant, DaprClient dapr, ServiceIdentity self, TimeProvider time, ILogger<OutboxRelay<TContext>> log) : ITenantSweep
    where TContext : DbContext
{
    private const int Batch = 50;
    private const int MostAttempts = 20;
    private static readonly TimeSpan Claim = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(10);
    private static readonly Counter Published = Metrics.CreateCounter("tarasol_outbox_published_total", "Events published.");
    private static readonly Counter Failed = Metrics.CreateCounter("tarasol_outbox_failed_total", "Publications that failed and will be tried again.");
    private static readonly Gauge Parked = Metrics.CreateGauge("tarasol_outbox_parked", "Rows parked since the start of the process.");

    public async Task SweepAsync(CancellationToken cancel)
    {
        while (await PublishBatchAsync(cancel) == Batch)
        {
            // Another full batch may wait.
        }
    }

    private async Task<int> PublishBatchAsync(CancellationToken cancel)
    {
        var claimed = await ClaimAsync(cancel);
        var published = new List<Guid>(claimed.Count);
        try
        {
            foreach (var message in claimed)
            {
                try
                {
                    await PublishAsync(message, cancel);
                    published.Add(message.Id);
                    Published.Inc();
                }
                catch (Exception unavailable) when (IsAway(unavailable) && !cancel.IsCancellationRequested)
                {
                    // The sidecar or broker is away: that says nothing about this row, and the next ones would fail alike.
                    var now = time.GetUtcNow();
                    var open = claimed.SkipWhile(row => row.Id != message.Id).Select(row => row.Id).ToList();
                    await db.Set<OutboxMessage>().Where(row => open.Contains(row.Id)).ExecuteUpdateAsync(set => set.SetProperty(row => row.NextAttemptAt, now), cancel);
                    throw;
                }
                catch (Exception refused) when (!cancel.IsCancellationRequested)
                {
                    await RecordFailureAsync(message, refused, cancel);
                }
            }
        }
        finally
        {
            // All at once: what a crash leaves here is published again, and whoever has it already knows it by its id. Also when the host stops.
            if (published.Count > 0)
                await db.Set<OutboxMessage>().Where(row => published.Contains(row.Id)).ExecuteDeleteAsync(CancellationToken.None);
        }
        return claimed.Count;
    }

    private async Task<List<OutboxMessage>> ClaimAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var due = await db.Set<OutboxMessage>().AsNoTracking()
            .Where(row => row.State == OutboxState.Waiting && row.NextAttemptAt <= now)
            .OrderBy(row => row.Id).Take(Batch).ToListAsync(cancel);
        if (due.Count == 0)
            return due;
        // Only one relay moves the time on: that is the claim. Which of two moved a row is told by the time itself, which no two of them choose.
        var until = now + Claim + TimeSpan.FromMicroseconds(Random.Shared.Next(1_000_000));
        var ids = due.ConvertAll(row => row.Id);
        var won = await db.Set<OutboxMessage>().Where(row => ids.Contains(row.Id) && row.State == OutboxState.Waiting && row.NextAttemptAt <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.NextAttemptAt, until), cancel);
        if (won == due.Count)
            return due;
        var mine = await db.Set<OutboxMessage>().Where(row => ids.Contains(row.Id) && row.NextAttemptAt == until).Select(row => row.Id).ToListAsync(cancel);
        return due.FindAll(row => mine.Contains(row.Id));
    }

    private async Task PublishAsync(OutboxMessage message, CancellationToken cancel)
    {
        using var activity = MessagingTelemetry.Source.StartActivity($"publish {message.Type}", ActivityKind.Producer, message.TraceParent ?? default(string));
        using var data = JsonDocument.Parse(message.Data);
        var envelope = new EventEnvelope(
            message.Id.ToString(), self.AppId, message.Type, message.Subject, message.CreatedAt, tenant.Slug, message.Actor, activity?.Id ?? message.TraceParent, data.RootElement);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(envelope, EventJson.Options);
        await dapr.PublishByteEventAsync(MessagingSetup.PubSub, message.Type, bytes, "application/cloudevents+json", cancellationToken: cancel);
    }

    private async Task RecordFailureAsync(OutboxMessage message, Exception refused, CancellationToken cancel)
    {
        var attempts = message.Attempts + 1;
        var parked = attempts >= MostAttempts;
        var backOff = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, attempts), LongestBackOff.TotalSeconds));
        var next = time.GetUtcNow() + backOff;
        // What the broker said, not that Dapr's client says it failed.
        var reason = refused.GetBaseException().Message;
        await db.Set<OutboxMessage>().Where(row => row.Id == message.Id).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Attempts, attempts)
            .SetProperty(row => row.NextAttemptAt, next)
            .SetProperty(row => row.State, parked ? OutboxState.Parked : OutboxState.Waiting)
            .SetProperty(row => row.LastError, reason.Length > 2000 ? reason[..2000] : reason), cancel);
        Failed.Inc();
        if (parked)
            Parked.Inc();
        log.LogError(refused, "Event {EventId} ({Type}) could not be published, attempt {Attempt}{Parked}", message.Id, message.Type, attempts, parked ? ": parked" : "");
    }

    private static bool IsAway(Exception exception) => exception switch
    {
        OperationCanceledException => true,
        RpcException rpc => rpc.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded or StatusCode.Cancelled,
        _ => exception.InnerException is { } inner && IsAway(inner),
    };
}
