using System.Globalization;
using System.Text.RegularExpressions;
using Tarasol.Sidecar.Components;

namespace Tarasol.Sidecar.Hosting;

/// <summary>A command line or mesh file that cannot be used; the message says which part and why.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>What the command line asks for.</summary>
/// <param name="Options">The host to build.</param>
/// <param name="LogLevel">Lowest level that is logged.</param>
/// <param name="LogAsJson">One JSON object a line instead of text.</param>
/// <param name="Notes">Flags that were taken but mean nothing here.</param>
public sealed record CommandLine(SidecarOptions Options, LogLevel LogLevel, bool LogAsJson, IReadOnlyList<string> Notes);

/// <summary>daprd's flags, with single or double dash, as --flag value or --flag=value.</summary>
public static partial class Flags
{
    private const long Mega = 1024 * 1024;

    private static readonly HashSet<string> Switches =
    [
        "enable-metrics", "enable-profiling", "enable-mtls", "app-ssl", "log-as-json", "enable-api-logging", "enable-app-health-check", "disable-builtin-k8s-secret-store",
        "enable-api-log-obfuscation",
    ];

    private static readonly HashSet<string> Values =
    [
        "app-id", "app-port", "app-protocol", "app-channel-address", "app-max-concurrency", "dapr-http-port", "dapr-grpc-port", "dapr-internal-grpc-port", "dapr-listen-addresses",
        "resources-path", "components-path", "config", "max-body-size", "dapr-http-max-request-size", "read-buffer-size", "dapr-http-read-buffer-size", "dapr-graceful-shutdown-seconds",
        "log-level", "metrics-port", "app-health-check-path", "app-health-probe-interval", "app-health-probe-timeout", "app-health-threshold", "app-binding-options-timeout", "mesh",
        "metrics-listen-address", "dapr-public-port", "dapr-public-listen-address", "disable-init-endpoints",
    ];

    private static readonly HashSet<string> WithoutMeaning =
    [
        "mode", "dapr-internal-grpc-listen-address", "profile-port", "control-plane-address",
        "control-plane-trust-domain", "control-plane-namespace", "sentry-address", "placement-host-address", "placement-address", "scheduler-host-address", "scheduler-job-streams",
        "dapr-block-shutdown-duration", "unix-domain-socket", "allowed-origins", "actors-service", "reminders-service",
        "trust-anchors-file", "sentry-request-jwt-audiences", "kubeconfig", "actors-disseminate-timeout", "hot-reload-reconcile-interval",
    ];

    private static readonly HashSet<string> SwitchesWithoutMeaning = ["enable-profiling", "disable-builtin-k8s-secret-store", "enable-api-log-obfuscation", "enable-api-logging"];

    /// <summary>Every flag that is taken, and whether it has an effect here.</summary>
    internal static IEnumerable<(string Flag, bool HasEffect)> Known =>
        Switches.Concat(Values).Concat(WithoutMeaning).Select(flag => (flag, !WithoutMeaning.Contains(flag) && !SwitchesWithoutMeaning.Contains(flag)));

    /// <summary>
    /// Reads <paramref name="args"/>; <paramref name="environment"/> gives DAPR_API_TOKEN, APP_API_TOKEN, NAMESPACE and APP_ID. Throws
    /// <see cref="UsageException"/> naming the flag that is unknown, incomplete or wrong.
    /// </summary>
    public static CommandLine Parse(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(environment);
        var given = Read(args);
        var level = Level(Last(given, "log-level") ?? "info");
        var asJson = Switch(given, "log-as-json");
        var notes = given.Keys.Where(flag => WithoutMeaning.Contains(flag) || SwitchesWithoutMeaning.Contains(flag)).ToList();
        if (Last(given, "mesh") is { } file)
        {
            var others = given.Keys.Except(["mesh", "log-level", "log-as-json"]).ToList();
            return others.Count == 0
                ? new CommandLine(MeshFile.Read(file), level, asJson, notes)
                : throw new UsageException($"--{others[0]} cannot be used together with --mesh; the mesh file says it all");
        }
        if (Switch(given, "enable-mtls"))
            throw new UsageException("--enable-mtls is not served by this host: its ports between hosts listen on loopback only");
        if (given.TryGetValue("unix-domain-socket", out var socket) && socket[^1].Length > 0)
            throw new UsageException("--unix-domain-socket is not served by this host");
        return new CommandLine(Options(given, environment), level, asJson, notes);
    }

    private static SidecarOptions Options(Dictionary<string, List<string>> given, Func<string, string?> environment)
    {
        var appId = Last(given, "app-id") ?? environment("APP_ID") ?? "";
        if (!AppId().IsMatch(appId))
            throw new UsageException(appId.Length == 0 ? "--app-id is missing" : $"--app-id {appId} is no app-id: letters, digits, - and _ only");
        var addresses = Addresses(given, "dapr-listen-addresses");
        var silent = All(given, "disable-init-endpoints").SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Select(name => name.ToLowerInvariant()).ToList();
        if (silent.Find(name => name is not ("subscribe" or "config")) is { } unknown)
            throw new UsageException($"--disable-init-endpoints: {unknown} is none of config, subscribe");
        var defaults = new SidecarOptions { Apps = [] };
        return new SidecarOptions
        {
            Apps =
            [
                new AppOptions
                {
                    AppId = appId,
                    AppPort = Port(given, "app-port") is > 0 and var port ? port : null,
                    AppProtocol = Switch(given, "app-ssl") ? "https" : Last(given, "app-protocol") ?? "http",
                    AppChannelAddress = Last(given, "app-channel-address") is { Length: > 0 } address ? address : "127.0.0.1",
                    MaxConcurrency = Number(given, "app-max-concurrency", -1),
                    HttpPort = Port(given, "dapr-http-port") ?? 3500,
                    GrpcPort = Port(given, "dapr-grpc-port") ?? 50001,
                    ApiToken = environment("DAPR_API_TOKEN"),
                    AppApiToken = environment("APP_API_TOKEN"),
                    BindingOptionsTimeout = Last(given, "app-binding-options-timeout") is not { Length: > 0 } limit ? new AppOptions { AppId = appId }.BindingOptionsTimeout
                        : ComponentDuration.TryParse(limit, out var timeout) && timeout > TimeSpan.Zero ? timeout : throw new UsageException($"--app-binding-options-timeout {limit} is no duration"),
                    PublicPort = Port(given, "dapr-public-port"),
                    PublicListenAddress = Addresses(given, "dapr-public-listen-address").FirstOrDefault(),
                    AskForSubscriptions = !silent.Contains("subscribe"),
                    AskForActors = !silent.Contains("config"),
                    Health = Switch(given, "enable-app-health-check") ? Health(given) : null,
                },
            ],
            ResourcesPaths = [.. All(given, "resources-path"), .. All(given, "components-path")],
            ConfigFiles = [.. All(given, "config")],
            ListenAddresses = addresses.Count == 0 ? defaults.ListenAddresses : addresses,
            Namespace = environment("NAMESPACE") is { Length: > 0 } ns ? ns : "default",
            MaxBodySize = Last(given, "dapr-http-max-request-size") is not null ? Number(given, "dapr-http-max-request-size", 4) * Mega : Size(given, "max-body-size", defaults.MaxBodySize),
            ReadBufferSize = (int)Size(given, "read-buffer-size", Number(given, "dapr-http-read-buffer-size", defaults.ReadBufferSize / 1024) * 1024L),
            MetricsPort = Metrics(given),
            MetricsListenAddress = Addresses(given, "metrics-listen-address").FirstOrDefault(),
            InternalPort = Port(given, "dapr-internal-grpc-port") ?? 0,
            GracefulShutdown = TimeSpan.FromSeconds(Math.Max(0, Number(given, "dapr-graceful-shutdown-seconds", (int)defaults.GracefulShutdown.TotalSeconds))),
        };
    }

    private static List<string> Addresses(Dictionary<string, List<string>> given, string flag)
    {
        var addresses = (Last(given, flag) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(address => address == "localhost" ? "127.0.0.1" : address).ToList();
        return addresses.Find(address => !System.Net.IPAddress.TryParse(address.Trim('[', ']'), out _)) is { } wrong ? throw new UsageException($"--{flag}: {wrong} is no IP address") : addresses;
    }

    /// <summary>Only where a port is named: several sidecars on one machine would fight for daprd's default, 9090.</summary>
    private static int? Metrics(Dictionary<string, List<string>> given) =>
        given.ContainsKey("enable-metrics") && !Switch(given, "enable-metrics") ? null : Port(given, "metrics-port");

    private static AppHealthOptions Health(Dictionary<string, List<string>> given)
    {
        var defaults = new AppHealthOptions();
        var path = Last(given, "app-health-check-path") is { Length: > 0 } written ? written : defaults.Path;
        return new AppHealthOptions
        {
            Path = path.StartsWith('/') ? path : $"/{path}",
            Interval = TimeSpan.FromSeconds(Number(given, "app-health-probe-interval", (int)defaults.Interval.TotalSeconds)),
            Timeout = TimeSpan.FromMilliseconds(Number(given, "app-health-probe-timeout", (int)defaults.Timeout.TotalMilliseconds)),
            Threshold = Number(given, "app-health-threshold", defaults.Threshold),
        };
    }

    private static Dictionary<string, List<string>> Read(IReadOnlyList<string> args)
    {
        var given = new Dictionary<string, List<string>>();
        for (var at = 0; at < args.Count; at++)
        {
            if (!args[at].StartsWith('-') || args[at].TrimStart('-').Length == 0)
                throw new UsageException($"unexpected argument {args[at]}; flags begin with - or --");
            var flag = args[at].StartsWith("--", StringComparison.Ordinal) ? args[at][2..] : args[at][1..];
            string? value = null;
            if (flag.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                (flag, value) = (flag[..equals], flag[(equals + 1)..]);
            if (Switches.Contains(flag))
                value ??= "true";
            else if (!Values.Contains(flag) && !WithoutMeaning.Contains(flag))
                throw new UsageException($"unknown flag --{flag}");
            else
                value ??= at + 1 < args.Count ? args[++at] : throw new UsageException($"--{flag} needs a value");
            if (!given.TryGetValue(flag, out var values))
                given[flag] = values = [];
            values.Add(value);
        }
        return given;
    }

    private static string? Last(Dictionary<string, List<string>> given, string flag) => given.TryGetValue(flag, out var values) ? values[^1] : null;

    /// <summary>Repeatable flags may also hold a comma list.</summary>
    private static IEnumerable<string> All(Dictionary<string, List<string>> given, string flag) =>
        given.TryGetValue(flag, out var values) ? values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)) : [];

    private static bool Switch(Dictionary<string, List<string>> given, string flag) => Last(given, flag)?.ToUpperInvariant() switch
    {
        null or "FALSE" or "F" or "0" => false,
        "TRUE" or "T" or "1" => true,
        var other => throw new UsageException($"--{flag} is true or false, not {other}"),
    };

    private static int Number(Dictionary<string, List<string>> given, string flag, int otherwise) => Last(given, flag) is not { } text
        ? otherwise
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw new UsageException($"--{flag} {text} is no whole number");

    private static int? Port(Dictionary<string, List<string>> given, string flag) => Last(given, flag) is not { Length: > 0 } text
        ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535 ? port : throw new UsageException($"--{flag} {text} is no port");

    /// <summary>Bytes, or with a unit as Kubernetes writes sizes: 4Mi, 16k, ...</summary>
    private static long Size(Dictionary<string, List<string>> given, string flag, long otherwise)
    {
        if (Last(given, flag) is not { } text)
            return otherwise;
        return ByteSize.TryParse(text, out var size) && size >= 0 ? size : throw new UsageException($"--{flag} {text} is no size; write for example 4Mi");
    }

    private static LogLevel Level(string text) => text.ToUpperInvariant() switch
    {
        "DEBUG" => LogLevel.Debug,
        "INFO" => LogLevel.Information,
        "WARN" or "WARNING" => LogLevel.Warning,
        "ERROR" => LogLevel.Error,
        "FATAL" => LogLevel.Critical,
        _ => throw new UsageException($"--log-level {text} is none of debug, info, warn, error, fatal"),
    };

    [GeneratedRegex("^[A-Za-z0-9_-]+$")]
    private static partial Regex AppId();
}
