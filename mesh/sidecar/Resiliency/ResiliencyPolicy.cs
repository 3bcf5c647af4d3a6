using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Tarasol.Sidecar.Resiliency;

/// <summary>How one attempt ended.</summary>
/// <param name="Result">The result, also of a failed attempt: after the last one it is what the caller gets.</param>
/// <param name="Failed">Counts for retry and circuit breaker.</param>
/// <param name="StatusCode">HTTP or gRPC status for the retry's matching; null: always retried.</param>
internal readonly record struct Attempt<T>(T Result, bool Failed = false, int? StatusCode = null);

/// <summary>A call that failed with a status that retry matching may look at.</summary>
internal sealed class StatusException(int statusCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int StatusCode { get; } = statusCode;
}

/// <summary>The circuit breaker is open: the call was not made.</summary>
internal sealed class CircuitOpenException(string breaker) : Exception($"circuit breaker {breaker} is open");

/// <summary>retry( circuit breaker( timeout( call ))): the timeout is of each attempt, an open breaker is not retried.</summary>
internal sealed class ResiliencyPolicy
{
    public static readonly ResiliencyPolicy None = new(null, null, null, TimeProvider.System);

    private static readonly ResiliencePropertyKey<long> Started = new("tarasol.started");
    private readonly ResiliencePipeline pipeline;
    private readonly TimeProvider time;

    private ResiliencyPolicy? once;

    public ResiliencyPolicy(RetryPolicy? retry, CircuitBreaker? breaker, TimeSpan? timeout, TimeProvider time)
    {
        (Retry, Breaker, Timeout, this.time) = (retry, breaker, timeout, time);
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (retry is { MaxRetries: not 0 })
        {
            builder.AddRetry(Options(retry));
        }
        if (breaker is not null)
        {
            builder.AddStrategy(_ => new BreakerStrategy(breaker), new BreakerStrategyOptions());
        }
        if (timeout is { } limit && limit > TimeSpan.Zero)
        {
            builder.AddTimeout(new TimeoutStrategyOptions { Timeout = limit > MaxTimeout ? MaxTimeout : limit < MinTimeout ? MinTimeout : limit });
        }
        pipeline = builder.Build();
    }

    // Polly's own limits.
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromHours(24);
    private static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(10);

    public RetryPolicy? Retry { get; }

    public CircuitBreaker? Breaker { get; }

    /// <summary>Of one attempt.</summary>
    public TimeSpan? Timeout { get; }

    public bool IsNone => Retry is null && Breaker is null && Timeout is null;

    /// <summary>A request body must be kept for another attempt.</summary>
    public bool HasRetries => Retry is { MaxRetries: not 0 };

    /// <summary>The same breaker and timeout for a call that cannot be made twice.</summary>
    public ResiliencyPolicy Once => !HasRetries ? this : once ??= new ResiliencyPolicy(null, Breaker, Timeout, time);

    /// <summary>Every exception is a failure.</summary>
    public Task ExecuteAsync(Func<CancellationToken, Task> call, CancellationToken cancel) =>
        ExecuteAsync(async attempt =>
        {
            await call(attempt);
            return new Attempt<bool>(true);
        }, null, cancel);

    /// <summary>Every exception is a failure.</summary>
    public Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancel) =>
        ExecuteAsync(async attempt => new Attempt<T>(await call(attempt)), null, cancel);

    /// <summary>
    /// Exceptions and failed attempts count. Ends with the last attempt's result or exception, with <see cref="CircuitOpenException"/>,
    /// or <see cref="TimeoutException"/> when the last attempt took too long.
    /// </summary>
    /// <param name="call">One attempt.</param>
    /// <param name="discard">Gets the results of failed attempts that another one follows, to dispose them.</param>
    /// <param name="cancel">Ends the attempt and the waiting.</param>
    public async Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<Attempt<T>>> call, Action<T>? discard, CancellationToken cancel)
    {
        if (IsNone)
        {
            return (await call(cancel)).Result;
        }
        var context = ResilienceContextPool.Shared.Get(cancel);
        context.Properties.Set(Started, time.GetTimestamp());
        var pending = (Has: false, Value: default(T)!);
        try
        {
            var last = await pipeline.ExecuteAsync(async c =>
            {
                if (pending.Has)
                {
                    discard?.Invoke(pending.Value);
                    pending = default;
                }
                var attempt = await call(c.CancellationToken);
                pending = (attempt.Failed, attempt.Result);
                return (object)new Outcome(attempt.Failed, attempt.StatusCode, attempt.Result);
            }, context);
            return (T)((Outcome)last).Result!;
        }
        catch (TimeoutRejectedException e)
        {
            throw new TimeoutException($"no answer within {Timeout}", e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    internal sealed record Outcome(bool Failed, int? StatusCode, object? Result);

    internal static bool IsFailure(Outcome<object> outcome) => outcome.Exception is not null || outcome.Result is Outcome { Failed: true };

    private RetryStrategyOptions Options(RetryPolicy retry) => new()
    {
        MaxRetryAttempts = retry.MaxRetries < 0 ? int.MaxValue : retry.MaxRetries,
        ShouldHandle = args => ValueTask.FromResult(ShouldRetry(retry, args)),
        DelayGenerator = args => ValueTask.FromResult<TimeSpan?>(retry.DelayBefore(args.AttemptNumber + 1)),
        UseJitter = false,
    };

    private bool ShouldRetry(RetryPolicy retry, RetryPredicateArguments<object> args)
    {
        if (!IsFailure(args.Outcome) || args.Outcome.Exception is CircuitOpenException || args.Context.CancellationToken.IsCancellationRequested)
        {
            return false;
        }
        var status = args.Outcome.Exception is StatusException e ? e.StatusCode : (args.Outcome.Result as Outcome)?.StatusCode;
        if (status is { } code && !retry.Matches(code))
        {
            return false;
        }
        return retry.MaxElapsed is not { } limit || time.GetElapsedTime(args.Context.Properties.GetValue(Started, 0L)) < limit;
    }

    private sealed class BreakerStrategyOptions : ResilienceStrategyOptions;

    private sealed class BreakerStrategy(CircuitBreaker breaker) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            if (!breaker.TryEnter(out var generation))
            {
                return Polly.Outcome.FromException<TResult>(new CircuitOpenException(breaker.Name));
            }
            var outcome = await callback(context, state);
            var failed = outcome.Exception is not null || outcome.Result is Outcome { Failed: true };
            breaker.Leave(generation, success: !failed);
            return outcome;
        }
    }
}
