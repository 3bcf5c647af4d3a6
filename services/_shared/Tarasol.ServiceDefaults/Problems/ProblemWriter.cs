using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.ServiceDefaults.Problems;

/// <summary>The one mapper from exceptions and bare status codes to problem details.</summary>
internal sealed class ProblemWriter(IProblemDetailsService problems, IEnumerable<IProblemMap> maps, ILogger<ProblemWriter> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (context.RequestAborted.IsCancellationRequested)
            return true;

        var details = Map(exception, context);
        if (details.Status >= 500)
            log.LogError(exception, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
        context.Response.StatusCode = details.Status!.Value;
        await problems.WriteAsync(new() { HttpContext = context, ProblemDetails = details });
        return true;
    }

    private ProblemDetails Map(Exception exception, HttpContext context) => exception switch
    {
        ProblemException known => known.Details,
        BadHttpRequestException { StatusCode: 413 } => CommonProblems.TooLarge.Details(BodyLimit.Of(context)),
        BadHttpRequestException bad => BindingProblem.For(bad),
        _ => maps.Select(map => map.Map(exception)).FirstOrDefault(details => details is not null) ?? CommonProblems.Unexpected.Details(),
    };
}

internal static class ProblemSetup
{
    public static void AddProblems(this IServiceCollection services)
    {
        services.AddExceptionHandler<ProblemWriter>();
        services.AddProblemDetails(options => options.CustomizeProblemDetails = written =>
        {
            var details = written.ProblemDetails;
            if (!details.Extensions.ContainsKey("code") && ForStatus(details.Status) is { } problem)
            {
                details.Extensions["code"] = problem.Code;
                details.Title = problem.Title.ToString();
                details.Type = $"urn:tarasol:problem:{problem.Code}";
            }
            // Whoever does not answer is usually back within seconds; as long stays a circuit of the gateway open.
            if (details.Status == StatusCodes.Status503ServiceUnavailable)
                written.HttpContext.Response.Headers.RetryAfter = "1";
            details.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? written.HttpContext.TraceIdentifier;
        });
    }

    public static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions { SuppressDiagnosticsCallback = _ => true });
        app.UseStatusCodePages();
    }

    private static Problem? ForStatus(int? status) => status switch
    {
        400 => CommonProblems.Invalid,
        401 => CommonProblems.Unauthenticated,
        403 => CommonProblems.Forbidden,
        404 => CommonProblems.NotFound,
        405 => CommonProblems.MethodNotAllowed,
        415 => CommonProblems.NotJson,
        429 => CommonProblems.TooMany,
        500 => CommonProblems.Unexpected,
        _ => null,
    };
}
