using System.Globalization;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Gateway.Limits;

/// <summary>
/// Answers 429 to who asks too much, and tells everybody where they stand: RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers) and,
/// with a refusal, Retry-After.
/// </summary>
internal sealed class RateLimiting(RequestDelegate next, BucketLimiters limiters)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var (policies, standings) = (new List<string>(), new List<string>());
        for (var at = 0; at < limiters.Policies.Count; at++)
        {
            var policy = limiters.Policies[at];
            if (policy.Caller(context) is not { } caller)
                continue;
            var limit = policy.Of(caller);
            // By then an empty bucket has got its next tokens.
            var retryAfter = (int)limit.Period.TotalSeconds;
            var taken = await limiters.TakeAsync(at, caller, context.RequestAborted);
            policies.Add(string.Create(CultureInfo.InvariantCulture, $"\"{policy.Name}\";q={limit.Burst};w={limit.Window}"));
            standings.Add(string.Create(CultureInfo.InvariantCulture, $"\"{policy.Name}\";r={Math.Max(0, taken.Remaining)};t={(taken.Remaining > 0 ? 0 : retryAfter)}"));
            if (taken.IsAllowed)
                continue;
            Tell(context.Response, policies, standings);
            context.Response.Headers.RetryAfter = retryAfter.ToString(CultureInfo.InvariantCulture);
            await CommonProblems.TooMany.Result().ExecuteAsync(context);
            return;
        }

        if (policies.Count > 0)
        {
            // At the last moment: what comes from a service must not replace it.
            context.Response.OnStarting(() =>
            {
                Tell(context.Response, policies, standings);
                return Task.CompletedTask;
            });
        }

        await next(context);
    }

    private static void Tell(HttpResponse response, List<string> policies, List<string> standings)
    {
        response.Headers["RateLimit-Policy"] = string.Join(", ", policies);
        response.Headers["RateLimit"] = string.Join(", ", standings);
    }
}
