using System.Security.Cryptography;
using System.Text;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Invocation;

/// <summary>
/// What hosts speak among themselves on the internal port: /invoke/{app}/{path} goes into that app, and blocks may map routes
/// /internal/{appId}/... for <see cref="IPeers.CallSidecarAsync"/>. Callers show the hosts' shared token.
/// </summary>
internal sealed class InternalApi(AppDirectory apps, HostAddress self, BoundPorts ports)
{
    public const string TokenHeader = "tarasol-host-token";

    /// <summary>On an answer that is not the app's own: why there is none, URL-escaped.</summary>
    public const string ProblemHeader = "tarasol-problem";

    /// <summary>Answers with the number of the internal port that speaks HTTP/2.</summary>
    public const string GrpcPortPath = "/grpc-port";

    private const string Prefix = "/invoke/";

    /// <summary>Before routing: only other hosts may come in here.</summary>
    public bool Admits(HttpContext context)
    {
        var sent = context.Request.Headers[TokenHeader].ToString();
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(self.Token));
    }

    public async Task HandleAsync(HttpContext context)
    {
        var raw = ApiPath.Raw(context);
        if (raw == GrpcPortPath)
        {
            await context.Response.WriteAsync(ports.InternalGrpc.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return;
        }
        if (!raw.StartsWith(Prefix, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var end = raw.IndexOf('/', Prefix.Length);
        var appId = Uri.UnescapeDataString(raw[Prefix.Length..(end < 0 ? raw.Length : end)]);
        if (apps.Find(appId) is not { } app)
        {
            Problem(context, $"{appId} is not hosted here any more");
            return;
        }
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri((end < 0 ? "/" : raw[end..]) + ApiPath.RawQuery(context), UriKind.Relative))
        {
            Content = HttpInvocation.Body(context.Request),
        };
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!ForwardedHeaders.IsHopByHop(name) && !name.Equals("host", StringComparison.OrdinalIgnoreCase)
                && !name.Equals("content-length", StringComparison.OrdinalIgnoreCase) && !name.Equals(TokenHeader, StringComparison.OrdinalIgnoreCase))
                ForwardedHeaders.Add(request, name, (IEnumerable<string?>)values);
        }
        HttpResponseMessage response;
        try
        {
            response = await Peers.InvokeLocalAsync(app, request, context.RequestAborted);
        }
        catch (AccessDeniedException denied)
        {
            Problem(context, denied.Message, StatusCodes.Status403Forbidden);
            return;
        }
        catch (AppUnavailableException failure)
        {
            Problem(context, failure.Message);
            return;
        }
        catch (HttpRequestException failure)
        {
            Problem(context, $"error invoking app channel: {failure.Message}");
            return;
        }
        using (response)
            await HttpInvocation.PassBackAsync(response, context, betweenHosts: app.Grpc is not null);
    }

    private static void Problem(HttpContext context, string problem, int status = StatusCodes.Status502BadGateway)
    {
        context.Response.StatusCode = status;
        context.Response.Headers[ProblemHeader] = Uri.EscapeDataString(problem);
    }
}
