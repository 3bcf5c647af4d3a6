using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Identity.Tokens;

/// <summary>
/// 503 for everything, health included, until the token keys are loaded: before that nothing can be authenticated. The sidecar asks once for the
/// subscriptions, so that its question waits.
/// </summary>
internal sealed class TokenKeysGate(RequestDelegate next, TokenKeys keys, IProblemDetailsService problems)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments("/dapr"))
            await keys.AreLoaded.WaitAsync(context.RequestAborted);
        if (keys.AreLoaded.IsCompleted)
        {
            await next(context);
            return;
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        await problems.WriteAsync(new() { HttpContext = context, ProblemDetails = CommonProblems.Unavailable.Details("identity") });
    }
}
