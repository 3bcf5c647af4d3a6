using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Tenancy.Databases;

/// <summary>
/// The connections of this process to one database server. Every database has a pool of its own, and with many tenants idle pools alone would use the server up:
/// here all pools together stay within a limit. Where it is reached, the connections of the database that was idle longest are closed; when none is idle, callers wait
/// in the order of their coming. One database never gets more than half, so that a busy tenant leaves room for the others.
/// </summary>
/// <param name="limit">Connections at most, idle ones included.</param>
/// <param name="patience">How long a caller waits.</param>
/// <param name="close">Closes the idle connections of the pool of a connection string.</param>
public sealed class ConnectionBudget(int limit, TimeSpan patience, Action<string> close)
{
    private readonly int most = Math.Max(1, limit / 2);
    private readonly Lock gate = new();
    private readonly Dictionary<string, Pool> pools = new(StringComparer.Ordinal);
    private readonly LinkedList<Waiter> waiting = [];
    private int open;
    private long uses;

    /// <summary>Connections that may be open now: in use, or idle in a pool.</summary>
    public int Open
    {
        get
        {
            lock (gate)
                return open;
        }
    }

    /// <summary>Gives the right to open one connection; dispose it when the connection is closed. Throws <see cref="DatabasesBusyException"/> when the wait is too long.</summary>
    public async ValueTask<IDisposable> EnterAsync(string connectionString, CancellationToken cancel)
    {
        LinkedListNode<Waiter> place;
        lock (gate)
        {
            if (waiting.Count == 0 && TryTake(connectionString))
                return new Lease(this, connectionString);
            place = waiting.AddLast(new Waiter(connectionString));
            Serve();
        }
        try
        {
            await place.Value.Served.Task.WaitAsync(patience, cancel);
            return new Lease(this, connectionString);
        }
        catch (Exception given) when (given is TimeoutException or OperationCanceledException)
        {
            GiveUp(place);
            if (given is TimeoutException)
                throw new DatabasesBusyException();
            throw;
        }
    }

    private void GiveUp(LinkedListNode<Waiter> place)
    {
        lock (gate)
        {
            if (place.List is not null)
                waiting.Remove(place);
            else
                Leave(place.Value.ConnectionString);
        }
    }

    private void Leave(string connectionString)
    {
        lock (gate)
        {
            pools[connectionString].InUse--;
            Serve();
        }
    }

    // First come, first served, but whose database has its half already lets the next ones pass.
    private void Serve()
    {
        for (var place = waiting.First; place is not null;)
        {
            var next = place.Next;
            if (TryTake(place.Value.ConnectionString))
            {
                waiting.Remove(place);
                place.Value.Served.SetResult();
            }
            else if (open >= limit && pools.Values.All(pool => pool.InUse > 0))
            {
                return;
            }
            place = next;
        }
    }

    private bool TryTake(string connectionString)
    {
        var pool = pools.GetValueOrDefault(connectionString) ?? new();
        if (pool.InUse == most)
            return false;
        if (pool.InUse == pool.Open)
        {
            if (open >= limit && !CloseIdle())
                return false;
            pool.Open++;
            open++;
        }
        pool.InUse++;
        pool.LastUse = ++uses;
        pools[connectionString] = pool;
        return true;
    }

    private bool CloseIdle()
    {
        var idle = pools.Where(pool => pool.Value.InUse == 0).OrderBy(pool => pool.Value.LastUse).Select(pool => pool.Key).FirstOrDefault();
        if (idle is null)
            return false;
        close(idle);
        open -= pools[idle].Open;
        pools.Remove(idle);
        return true;
    }

    private sealed class Pool
    {
        public int InUse { get; set; }

        // May be more than there are, since the pool closes what is idle for long by itself.
        public int Open { get; set; }

        public long LastUse { get; set; }
    }

    private sealed record Waiter(string ConnectionString)
    {
        public TaskCompletionSource Served { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Lease(ConnectionBudget budget, string connectionString) : IDisposable
    {
        private int left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref left, 1) == 0)
                budget.Leave(connectionString);
        }
    }
}

/// <summary>No connection became free in time.</summary>
public sealed class DatabasesBusyException() : Exception("No database connection became free in time.")
{
    /// <summary>503.</summary>
    public static readonly Problem Problem = new("databases-busy", 503, new(
        "The databases are busy at the moment; try again shortly.", "قواعد البيانات مشغولة الآن؛ حاول بعد قليل."));
}
