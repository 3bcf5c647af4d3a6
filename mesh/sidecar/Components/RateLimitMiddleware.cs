using System.Collections.Concurrent;
using System.Globalization;
using Tarasol.Sidecar.Middleware;

namespace Tarasol.Sidecar.Components;

/// <summary>middleware.http.ratelimit: so many requests a second from each address to each path; more get 429.</summary>
internal sealed class RateLimitMiddleware(double perSecond, TimeProvider time) : IHttpMiddleware
{
    public static readonly ComponentType ComponentType = new("middleware.http.ratelimit", ["maxRequestsPerSecond"], (spec, services, _) => Task.FromResult<object>(Create(spec, services)));

    private const int MostBuckets = 10_000;

    private readonly ConcurrentDictionary<(string Address, string Path), Bucket> buckets = new();

    public ValueTask<MiddlewareAnswer?> HandleAsync(MiddlewareRequest request, CancellationToken cancel)
    {
        var from = (request.RemoteAddress ?? request.Header("X-Forwarded-For") ?? request.Header("X-Real-IP") ?? "0.0.0.0", request.Path);
        if (buckets.Count > MostBuckets)
            Forget();
        return new(buckets.GetOrAdd(from, _ => new Bucket(time.GetTimestamp(), perSecond)).Take(time)
            ? null
            : new MiddlewareAnswer(StatusCodes.Status429TooManyRequests, "You have reached maximum request limit.")
            {
                Headers = [("X-Rate-Limit-Limit", perSecond.ToString("0.00", CultureInfo.InvariantCulture)), ("X-Rate-Limit-Duration", "1")],
            });
    }

    private static RateLimitMiddleware Create(ComponentSpec spec, IServiceProvider services)
    {
        var text = spec.Metadata.GetValueOrDefault("maxRequestsPerSecond") is { Length: > 0 } given ? given : "100";
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && double.IsFinite(number)
            ? new RateLimitMiddleware(number, services.GetRequiredService<TimeProvider>())
            : throw new ComponentException(spec, $"metadata property maxRequestsPerSecond must be a positive value, not {text}");
    }

    /// <summary>Full buckets know nothing worth keeping.</summary>
    private void Forget()
    {
        foreach (var (from, bucket) in buckets)
        {
            if (bucket.IsFull(time))
                buckets.TryRemove(from, out _);
        }
    }

    private sealed class Bucket(long now, double perSecond)
    {
        private readonly Lock gate = new();
        private readonly double rate = perSecond;
        private readonly double size = Math.Max(1, perSecond);
        private double tokens = Math.Max(1, perSecond);
        private long filled = now;

        public bool Take(TimeProvider time)
        {
            lock (gate)
            {
                Fill(time);
                if (tokens < 1)
                    return false;
                tokens--;
                return true;
            }
        }

        public bool IsFull(TimeProvider time)
        {
            lock (gate)
            {
                Fill(time);
                return tokens >= size;
            }
        }

        private void Fill(TimeProvider time)
        {
            var now = time.GetTimestamp();
            tokens = Math.Min(size, tokens + (time.GetElapsedTime(filled, now).TotalSeconds * rate));
            filled = now;
        }
    }
}
