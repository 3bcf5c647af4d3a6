using System.Text.RegularExpressions;
using Tarasol.Sidecar.Middleware;

namespace Tarasol.Sidecar.Components;

/// <summary>middleware.http.routerchecker: a path that does not match the rule gets 400.</summary>
internal sealed class RouterCheckerMiddleware(Regex rule) : IHttpMiddleware
{
    public static readonly ComponentType ComponentType = new("middleware.http.routerchecker", ["rule"], (spec, _, _) => Task.FromResult<object>(Create(spec)));

    public ValueTask<MiddlewareAnswer?> HandleAsync(MiddlewareRequest request, CancellationToken cancel) =>
        new(rule.IsMatch(request.Path + request.Query) ? null : new MiddlewareAnswer(StatusCodes.Status400BadRequest, "invalid router\n"));

    private static RouterCheckerMiddleware Create(ComponentSpec spec)
    {
        try
        {
            return new RouterCheckerMiddleware(new Regex(spec.Metadata.GetValueOrDefault("rule") ?? "", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
        }
        catch (ArgumentException wrong)
        {
            throw new ComponentException(spec, $"rule is no regular expression: {wrong.Message}");
        }
    }
}
