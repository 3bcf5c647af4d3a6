using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Tarasol.Tenancy.Databases;

/// <summary>Holds a context's connection to the budget: it opens within it, and gives its place back whichever way it ends. One for each context.</summary>
internal sealed class BudgetInterceptor(ConnectionBudget budget, string connectionString) : DbConnectionInterceptor
{
    private IDisposable? lease;

    public override async ValueTask<InterceptionResult> ConnectionOpeningAsync(
        DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        lease = await budget.EnterAsync(connectionString, cancellationToken);
        return result;
    }

    public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
    {
        lease = budget.EnterAsync(connectionString, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return result;
    }

    public override void ConnectionClosed(DbConnection connection, ConnectionEndEventData eventData) => Leave();

    public override Task ConnectionClosedAsync(DbConnection connection, ConnectionEndEventData eventData) => LeaveAsync();

    public override void ConnectionFailed(DbConnection connection, ConnectionErrorEventData eventData) => Leave();

    public override Task ConnectionFailedAsync(DbConnection connection, ConnectionErrorEventData eventData, CancellationToken cancellationToken = default) => LeaveAsync();

    public override void ConnectionCanceled(DbConnection connection, ConnectionEndEventData eventData) => Leave();

    public override Task ConnectionCanceledAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default) => LeaveAsync();

    public override void ConnectionDisposed(DbConnection connection, ConnectionEndEventData eventData) => Leave();

    public override Task ConnectionDisposedAsync(DbConnection connection, ConnectionEndEventData eventData) => LeaveAsync();

    private Task LeaveAsync()
    {
        Leave();
        return Task.CompletedTask;
    }

    private void Leave()
    {
        lease?.Dispose();
        lease = null;
    }
}
