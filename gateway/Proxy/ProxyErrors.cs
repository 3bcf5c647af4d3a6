using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace Tarasol.Gateway.Proxy;

/// <summary>Turns "no answer from the service", whoever says it, into problem details. Answers of the services themselves pass through.</summary>
internal sealed class ProxyErrors(RequestDelegate next)
{
    private static readonly object UnreachableKey = new();
    private static readonly object AwayKey = new();

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.ContentLength > BodyLimit.Default)
        {
            // So that the server reads on for some seconds: with the connection closed in the middle of its sending, the client might never see our answer.
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            throw CommonProblems.TooLarge.Exception(BodyLimit.Default);
        }

        await next(context);
        if (context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            return;
        var service = context.GetReverseProxyFeature().Cluster.Config.ClusterId;
        if (context.Items.ContainsKey(UnreachableKey))
            throw CommonProblems.Unavailable.Exception(service);
        if (context.GetForwarderErrorFeature() is { } error)
            throw Map(error, service);
    }

    /// <summary>The service itself did not answer.</summary>
    public static bool IsUnreachable(HttpContext context) =>
        context.Items.ContainsKey(UnreachableKey) || context.GetForwarderErrorFeature() is { Error: ForwarderError.Request or ForwarderError.ResponseHeaders or ForwarderError.NoAvailableDestinations };

    /// <summary>The service, or one that it needs, did not answer.</summary>
    public static bool IsAway(HttpContext context) => IsUnreachable(context) || context.Items.ContainsKey(AwayKey);

    public static void MarkUnreachable(HttpContext context) => context.Items[UnreachableKey] = true;

    /// <summary>Before the request is sent again.</summary>
    public static void Forget(HttpContext context)
    {
        context.Items.Remove(UnreachableKey);
        context.Items.Remove(AwayKey);
    }

    public static ProblemException Map(IForwarderErrorFeature error, string service) => error.Error switch
    {
        _ when IsTooLarge(error.Exception) => CommonProblems.TooLarge.Exception(BodyLimit.Default),
        ForwarderError.RequestBodyClient or ForwarderError.RequestBodyCanceled => CommonProblems.Invalid.Exception(),
        ForwarderError.RequestTimedOut => GatewayProblems.Timeout.Exception(service),
        _ => CommonProblems.Unavailable.Exception(service),
    };

    /// <summary>The server's own refusal comes with what broke because of it.</summary>
    private static bool IsTooLarge(Exception? exception) => exception switch
    {
        null => false,
        BadHttpRequestException bad => bad.StatusCode == StatusCodes.Status413PayloadTooLarge,
        AggregateException many => many.InnerExceptions.Any(IsTooLarge),
        _ => IsTooLarge(exception.InnerException),
    };

    /// <summary>
    /// The sidecar says that it cannot reach the app in Dapr's error body, with status 500. A service never answers so: its errors are application/problem+json.
    /// </summary>
    public static async ValueTask FindSidecarErrorAsync(ResponseTransformContext transform)
    {
        if (transform.ProxyResponse is not { } response)
            return;
        foreach (var name in transform.HttpContext.Response.Headers.Keys.Where(name => name.StartsWith("dapr-", StringComparison.OrdinalIgnoreCase)).ToList())
            transform.HttpContext.Response.Headers.Remove(name);
        if (response.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable && SafeRetries.ComesAgain(transform.HttpContext))
        {
            // Its own words about a service that it needs; of no use to anybody while the request goes on.
            transform.SuppressResponseBody = true;
            transform.HttpContext.Items[AwayKey] = true;
            return;
        }
        if ((int)response.StatusCode < 400 || response.Content.Headers.ContentType?.MediaType != "application/json")
            return;
        await response.Content.LoadIntoBufferAsync(BodyLimit.Default);
        if (!IsUnreachable(await response.Content.ReadAsByteArrayAsync(transform.CancellationToken)))
            return;
        transform.SuppressResponseBody = true;
        MarkUnreachable(transform.HttpContext);
    }

    public static bool IsUnreachable(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var json = JsonDocument.ParseValue(ref reader);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("errorCode", out var code) && code.ValueEquals("ERR_DIRECT_INVOKE");
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
