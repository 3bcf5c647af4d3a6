using Tarasol.Sidecar.PubSub.Routing;

namespace Tarasol.Sidecar.Resiliency;

/// <summary>What a circuit breaker of a Resiliency document says.</summary>
/// <param name="MaxRequests">Calls let through while half-open; 1.</param>
/// <param name="Interval">Counts are cleared so often while closed; zero: never.</param>
/// <param name="Timeout">How long it stays open; 60 s.</param>
/// <param name="Trip">Opens it when true after a failure; null: more than 5 consecutive failures.</param>
internal sealed record CircuitBreakerPolicy(int MaxRequests, TimeSpan Interval, TimeSpan Timeout, CelExpression? Trip);

/// <summary>
/// Closed, open, half-open with counts of requests. Written here because Polly's breaker knows failure ratios only, and Dapr's trips on an expression over the counts.
/// </summary>
internal sealed class CircuitBreaker(string name, CircuitBreakerPolicy policy, TimeProvider time)
{
    private readonly Lock gate = new();
    private Stage stage = Stage.Closed;
    private long generation;
    private long requests, successes, failures, successesInRow, failuresInRow;
    private DateTimeOffset? until = policy.Interval > TimeSpan.Zero ? time.GetUtcNow() + policy.Interval : null;

    private enum Stage { Closed, Open, HalfOpen }

    public string Name => name;

    /// <summary>closed, open or half-open.</summary>
    public string State
    {
        get
        {
            lock (gate)
            {
                Advance();
                return stage switch { Stage.Closed => "closed", Stage.Open => "open", _ => "half-open" };
            }
        }
    }

    /// <summary>False when the call must not be made. Hand the token to <see cref="Leave"/>.</summary>
    public bool TryEnter(out long token)
    {
        lock (gate)
        {
            Advance();
            token = generation;
            if (stage == Stage.Open || (stage == Stage.HalfOpen && requests >= policy.MaxRequests))
            {
                return false;
            }
            requests++;
            return true;
        }
    }

    public void Leave(long token, bool success)
    {
        lock (gate)
        {
            Advance();
            if (token != generation)
            {
                return;
            }
            if (success)
            {
                (successes, successesInRow, failuresInRow) = (successes + 1, successesInRow + 1, 0);
                if (stage == Stage.HalfOpen && successesInRow >= policy.MaxRequests)
                {
                    Enter(Stage.Closed);
                }
                return;
            }
            (failures, failuresInRow, successesInRow) = (failures + 1, failuresInRow + 1, 0);
            if (stage == Stage.HalfOpen || Trips())
            {
                Enter(Stage.Open);
            }
        }
    }

    private void Advance()
    {
        if (until is not { } end || time.GetUtcNow() < end)
        {
            return;
        }
        Enter(stage == Stage.Open ? Stage.HalfOpen : stage);
    }

    private void Enter(Stage next)
    {
        stage = next;
        generation++;
        requests = successes = failures = successesInRow = failuresInRow = 0;
        until = next switch
        {
            Stage.Open => time.GetUtcNow() + policy.Timeout,
            Stage.Closed when policy.Interval > TimeSpan.Zero => time.GetUtcNow() + policy.Interval,
            _ => null,
        };
    }

    private bool Trips()
    {
        if (policy.Trip is null)
        {
            return failuresInRow > 5;
        }
        try
        {
            return policy.Trip.Matches(new Dictionary<string, object?>
            {
                ["requests"] = requests,
                ["totalSuccesses"] = successes,
                ["totalFailures"] = failures,
                ["consecutiveSuccesses"] = successesInRow,
                ["consecutiveFailures"] = failuresInRow,
            });
        }
        catch (CelException)
        {
            // As in Dapr: an expression that cannot be evaluated never opens the breaker.
            return false;
        }
    }
}
