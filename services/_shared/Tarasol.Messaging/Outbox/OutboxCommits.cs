using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Tarasol.Messaging.Data;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Messaging;

/// <summary>Sees commits that hold outbox rows, and tells the relay.</summary>
internal sealed class OutboxCommits<TContext>(SweepSignal<OutboxRelay<TContext>> signal, CurrentTenant tenant) : SaveChangesInterceptor, IDbTransactionInterceptor
    where TContext : DbContext
{
    private bool pending;

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Look(eventData.Context!);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Look(eventData.Context!);
        return ValueTask.FromResult(result);
    }

    public override int SavedChanges(SaveChangesCompletedEventData eventData, int result)
    {
        Saved(eventData.Context!);
        return result;
    }

    public override ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        Saved(eventData.Context!);
        return ValueTask.FromResult(result);
    }

    public void TransactionCommitted(DbTransaction transaction, TransactionEndEventData eventData) => Send();

    public Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Send();
        return Task.CompletedTask;
    }

    private void Look(DbContext db) => pending |= db.ChangeTracker.Entries<OutboxMessage>().Any(entry => entry.State == EntityState.Added);

    // Inside an explicit transaction nothing is there to publish before its commit.
    private void Saved(DbContext db)
    {
        if (db.Database.CurrentTransaction is null)
            Send();
    }

    private void Send()
    {
        if (!pending)
            return;
        pending = false;
        signal.Set(tenant.Slug);
    }
}
