using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Invocation;

/// <summary>Which headers go from the caller to the callee and back.</summary>
internal static class ForwardedHeaders
{
    /// <summary>Between hosts: the type of a gRPC caller's or app's data.</summary>
    public const string TypeUrl = "tarasol-type-url";

    /// <summary>Between hosts: the answer came from a gRPC app, with this status.</summary>
    public const string GrpcStatus = "tarasol-grpc-status";

    public const string GrpcMessage = "tarasol-grpc-message";

    public const string GrpcDetails = "tarasol-grpc-details";

    public const string GrpcContentType = "tarasol-grpc-content-type";

    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "http2-settings", "te", "trailer", "proxy-authorization", "proxy-authenticate",
    };

    private static readonly HashSet<string> OursAlone = new(StringComparer.OrdinalIgnoreCase)
    {
        "host", "content-length", "expect", "traceparent", "tracestate", "baggage", "dapr-app-id", "dapr-caller-app-id", "dapr-caller-namespace", "dapr-callee-app-id", "destination-app-id",
        InternalApi.TokenHeader, TypeUrl,
    };

    private static readonly string HostAddress = Environment.GetEnvironmentVariable("DAPR_HOST_IP") is { Length: > 0 } given ? given : FindHostAddress();

    /// <summary>The caller's headers on the way to another app; <paramref name="self"/> when an app calls itself, which daprd does without its own headers.</summary>
    public static void CopyToCallee(HttpRequest from, HttpRequestMessage to, AppRuntime caller, string calleeAppId, bool self)
    {
        var nominated = Nominated(from.Headers.Connection);
        foreach (var (name, values) in from.Headers)
        {
            if (!HopByHop.Contains(name) && !OursAlone.Contains(name) && !nominated.Contains(name) && !name.StartsWith(':'))
                Add(to, name, (IEnumerable<string?>)values);
        }
        if (TraceContext.Current?.Baggage is { } baggage)
            Add(to, "baggage", baggage);
        if (self)
            return;
        Identify(to, caller, calleeAppId);
    }

    /// <summary>Who calls whom, and by which host it was forwarded.</summary>
    public static void Identify(HttpRequestMessage to, AppRuntime caller, string calleeAppId)
    {
        Add(to, "dapr-caller-app-id", caller.AppId);
        Add(to, "dapr-caller-namespace", caller.Namespace);
        Add(to, "dapr-callee-app-id", calleeAppId);
        Append(to, "X-Forwarded-For", HostAddress);
        Append(to, "X-Forwarded-Host", Environment.MachineName);
        var node = HostAddress.Contains(':', StringComparison.Ordinal) ? $"\"[{HostAddress}]\"" : HostAddress;
        Append(to, "Forwarded", $"for={node};by={node};host={Environment.MachineName}");
    }

    /// <summary>The callee's headers on the way back; those of the hosts among themselves only when <paramref name="betweenHosts"/>.</summary>
    public static void CopyToCaller(HttpResponseMessage from, HttpResponse to, bool betweenHosts)
    {
        var connection = from.Headers.NonValidated.TryGetValues("Connection", out var values) ? Nominated(values) : [];
        foreach (var (name, value) in from.Headers.NonValidated.Concat(from.Content.Headers.NonValidated))
        {
            if (!HopByHop.Contains(name) && !connection.Contains(name) && !name.Equals("content-length", StringComparison.OrdinalIgnoreCase) && (betweenHosts || !name.StartsWith("tarasol-", StringComparison.OrdinalIgnoreCase)))
                to.Headers[name] = value.ToArray();
        }
    }

    public static bool IsHopByHop(string name) => HopByHop.Contains(name);

    public static bool IsOursAlone(string name) => OursAlone.Contains(name);

    public static void Add(HttpRequestMessage request, string name, IEnumerable<string?> values)
    {
        if (!request.Headers.TryAddWithoutValidation(name, values))
            (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, values);
    }

    public static void Add(HttpRequestMessage request, string name, string value) => Add(request, name, [value]);

    private static void Append(HttpRequestMessage request, string name, string value)
    {
        var before = request.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToArray() : [];
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, [.. before, value]);
    }

    private static HashSet<string> Nominated(IEnumerable<string?> connection) =>
        connection.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string FindHostAddress()
    {
        try
        {
            return NetworkInterface.GetAllNetworkInterfaces()
                .Where(nic => nic.OperationalStatus == OperationalStatus.Up && nic.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
                .FirstOrDefault(unicast => unicast.Address.AddressFamily == AddressFamily.InterNetwork)?.Address.ToString() ?? IPAddress.Loopback.ToString();
        }
        catch (NetworkInformationException)
        {
            return IPAddress.Loopback.ToString();
        }
    }
}
