using Microsoft.Extensions.Primitives;
using Polly;
using Polly.CircuitBreaker;
using Polly.Registry;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Tarasol.Gateway.Proxy;

/// <summary>
/// A service that restarts is away for some seconds. Reading requests wait for it and are sent again; others are answered at once, because nobody can
/// tell whether they had an effect. A service that does not answer at all is not asked by everybody: its circuit opens.
/// </summary>
internal sealed class SafeRetries(RequestDelegate next, ServiceCircuits circuits, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly object AgainKey = new();

    public async Task InvokeAsync(HttpContext context)
    {
        var proxy = context.GetReverseProxyFeature();
        var destinations = proxy.AvailableDestinations;
        var start = time.GetTimestamp();
        while (true)
        {
            var again = IsSafe(context.Request) && time.GetElapsedTime(start) + Pause < Limit;
            context.Items[AgainKey] = again;
            await circuits.CallAsync(proxy.Cluster.Config.ClusterId, context, next);
            if (!again || !ProxyErrors.IsAway(context) || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
                return;
            Reset(context, proxy, destinations);
            await Task.Delay(Pause, time, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>This request will be sent once more if there is no answer from the service.</summary>
    public static bool ComesAgain(HttpContext context) => context.Items.TryGetValue(AgainKey, out var again) && again is true;

    private static bool IsSafe(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.ContentLength is null or 0 && StringValues.IsNullOrEmpty(request.Headers.TransferEncoding);

    private static void Reset(HttpContext context, IReverseProxyFeature proxy, IReadOnlyList<DestinationState> destinations)
    {
        context.Response.Clear();
        context.Features.Set<IForwarderErrorFeature>(null);
        ProxyErrors.Forget(context);
        proxy.AvailableDestinations = destinations;
        proxy.ProxiedDestination = null;
    }
}

/// <summary>One circuit for each service: open for a second when most of its last requests found nobody.</summary>
internal sealed class ServiceCircuits(TimeProvider time) : IDisposable
{
    private readonly ResiliencePipelineRegistry<string> circuits = new();

    public async Task CallAsync(string service, HttpContext context, RequestDelegate next)
    {
        var circuit = circuits.GetOrAddPipeline<bool>(service, Build);
        try
        {
            await circuit.ExecuteAsync(async _ =>
            {
                await next(context);
                return ProxyErrors.IsUnreachable(context);
            }, context.RequestAborted);
        }
        catch (BrokenCircuitException)
        {
            ProxyErrors.MarkUnreachable(context);
        }
    }

    public void Dispose() => circuits.Dispose();

    private void Build(ResiliencePipelineBuilder<bool> builder)
    {
        builder.TimeProvider = time;
        builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
        {
            ShouldHandle = arguments => new(arguments.Outcome is { Exception: null, Result: true }),
            FailureRatio = 0.8,
            MinimumThroughput = 20,
            SamplingDuration = TimeSpan.FromSeconds(5),
            BreakDuration = TimeSpan.FromSeconds(1),
        });
    }
}
