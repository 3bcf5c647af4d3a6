using System.Diagnostics;
using Prometheus;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Diagnostics;

/// <summary>
/// The host's figures under daprd's names and labels, for Prometheus. The label path of HTTP metrics is empty unless the configuration asks for
/// increasedCardinality: a host that runs for months must not remember every path that it has seen.
/// </summary>
internal sealed class SidecarMetrics(SidecarOptions options)
{
    private static readonly double[] Milliseconds =
    [
        1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200, 250, 300, 400, 500, 650, 800, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000,
    ];

    private readonly Families families = new();

    /// <summary>Nothing is counted where nobody can read it.</summary>
    public bool Enabled { get; } = options.MetricsPort is not null;

    public CollectorRegistry Registry => families.Registry;

    public long Now => Enabled ? Stopwatch.GetTimestamp() : 0;

    public void HttpServed(AppRuntime app, string method, string path, int status, long started)
    {
        if (!Enabled)
            return;
        var (verb, code) = (Verb(method), Text(status));
        var label = app.Configuration.IncreasedCardinality ? MetricPath.Of(path) : "";
        families.HttpServerRequests.WithLabels(app.AppId, verb, label, code).Inc();
        families.HttpServerResponses.WithLabels(app.AppId, verb, label, code).Inc();
        families.HttpServerLatency.WithLabels(app.AppId, verb, label, code).Observe(Elapsed(started));
    }

    public void HttpCalled(string appId, string method, int status, long started)
    {
        if (!Enabled)
            return;
        families.HttpClientCompleted.WithLabels(appId, Verb(method), "", Text(status)).Inc();
        families.HttpClientLatency.WithLabels(appId, Verb(method), "", Text(status)).Observe(Elapsed(started));
    }

    public void GrpcServed(string appId, string method, Grpc.Core.StatusCode status, long started)
    {
        if (!Enabled)
            return;
        families.GrpcServerCompleted.WithLabels(appId, method, GrpcStatus(status)).Inc();
        families.GrpcServerLatency.WithLabels(appId, method, GrpcStatus(status)).Observe(Elapsed(started));
    }

    public void ComponentLoaded(string appId, string type)
    {
        if (!Enabled)
            return;
        families.ComponentsLoaded.WithLabels(appId).Inc();
        families.ComponentInits.WithLabels(appId, type).Inc();
    }

    public void ComponentFailed(string appId, string type, string name) => Count(families.ComponentInitFailures, appId, type, "init", name);

    /// <summary>A call from one app to another, seen from the caller's side and, where the callee is of this host, from its side.</summary>
    public void Invoked(string callerId, string calleeId, bool local, int? status, long started)
    {
        if (!Enabled)
            return;
        families.InvocationsSent.WithLabels(callerId, calleeId, "unary").Inc();
        if (status is { } code)
        {
            families.ResponsesReceived.WithLabels(callerId, calleeId, Text(code), "unary").Inc();
            families.ResponseLatency.WithLabels(callerId, calleeId, Text(code)).Observe(Elapsed(started));
        }
        if (!local)
            return;
        families.InvocationsReceived.WithLabels(calleeId, callerId).Inc();
        if (status is { } answered)
            families.ResponsesSent.WithLabels(calleeId, callerId, Text(answered)).Inc();
    }

    public void AccessDecided(string appId, string ns, bool allowed) => Count(allowed ? families.AccessAllowed : families.AccessBlocked, appId, "public", ns);

    /// <summary>An event that reached the app, or did not. <paramref name="status"/>: success, retry or drop.</summary>
    public void Ingress(AppRuntime app, string component, string topic, string status, long started) =>
        Timed(families.PubSubIngress, families.PubSubIngressLatency, started, app.AppId, component, app.Namespace, status, topic, status);

    public Measured Egress(AppRuntime app, string component, string topic) => Measure((success, started) =>
        Timed(families.PubSubEgress, families.PubSubEgressLatency, started, app.AppId, component, app.Namespace, Text(success), topic));

    public Measured InputBinding(AppRuntime app, string component) => Measure((success, started) =>
        Timed(families.InputBindings, families.InputBindingLatency, started, app.AppId, component, app.Namespace, Text(success)));

    public Measured OutputBinding(AppRuntime app, string component, string operation) => Measure((success, started) =>
        Timed(families.OutputBindings, families.OutputBindingLatency, started, app.AppId, component, app.Namespace, operation, Text(success)));

    public Measured State(AppRuntime app, string component, string operation) => Measure((success, started) =>
        Timed(families.State, families.StateLatency, started, app.AppId, component, app.Namespace, operation, Text(success)));

    public Measured Secret(AppRuntime app, string component, string operation) => Measure((success, started) =>
        Timed(families.Secrets, families.SecretLatency, started, app.AppId, component, app.Namespace, operation, Text(success)));

    private Measured Measure(Action<bool, long> record) => Enabled ? new Measured(record, Now) : Measured.None;

    private void Timed(Counter count, Histogram latency, long started, params string[] labels)
    {
        if (!Enabled)
            return;
        count.WithLabels(labels).Inc();
        latency.WithLabels(labels).Observe(Elapsed(started));
    }

    private void Count(Counter counter, params string[] labels)
    {
        if (Enabled)
            counter.WithLabels(labels).Inc();
    }

    private static double Elapsed(long started) => Stopwatch.GetElapsedTime(started).TotalMilliseconds;

    private static string Text(bool value) => value ? "true" : "false";

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Verb(string method) => method is "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" ? method : "UNKNOWN";

    /// <summary>As gRPC's own specification writes the codes.</summary>
    private static string GrpcStatus(Grpc.Core.StatusCode status) =>
        status == Grpc.Core.StatusCode.OK ? "OK" : string.Concat(status.ToString().Select((letter, at) => at > 0 && char.IsUpper(letter) ? $"_{letter}" : $"{char.ToUpperInvariant(letter)}")).Replace("CANCELLED", "CANCELED", StringComparison.Ordinal);

    /// <summary>daprd's metric families.</summary>
    private sealed class Families
    {
        private readonly MetricFactory make;

        public Families()
        {
            make = Metrics.WithCustomRegistry(Registry);
            HttpServerRequests = Counter("http_server_request_count", "app_id", "method", "path", "status");
            HttpServerResponses = Counter("http_server_response_count", "app_id", "method", "path", "status");
            HttpServerLatency = Latency("http_server_latency", "app_id", "method", "path", "status");
            HttpClientCompleted = Counter("http_client_completed_count", "app_id", "method", "path", "status");
            HttpClientLatency = Latency("http_client_roundtrip_latency", "app_id", "method", "path", "status");
            GrpcServerCompleted = Counter("grpc_io_server_completed_rpcs", "app_id", "grpc_server_method", "grpc_server_status");
            GrpcServerLatency = Latency("grpc_io_server_server_latency", "app_id", "grpc_server_method", "grpc_server_status");
            ComponentsLoaded = Counter("runtime_component_loaded", "app_id");
            ComponentInits = Counter("runtime_component_init_total", "app_id", "component");
            ComponentInitFailures = Counter("runtime_component_init_fail_total", "app_id", "component", "reason", "componentName");
            InvocationsSent = Counter("runtime_service_invocation_req_sent_total", "app_id", "dst_app_id", "type");
            InvocationsReceived = Counter("runtime_service_invocation_req_recv_total", "app_id", "src_app_id");
            ResponsesSent = Counter("runtime_service_invocation_res_sent_total", "app_id", "dst_app_id", "status");
            ResponsesReceived = Counter("runtime_service_invocation_res_recv_total", "app_id", "src_app_id", "status", "type");
            ResponseLatency = Latency("runtime_service_invocation_res_recv_latency_ms", "app_id", "src_app_id", "status");
            AccessAllowed = Counter("runtime_acl_app_policy_action_allowed_total", "app_id", "trustDomain", "namespace");
            AccessBlocked = Counter("runtime_acl_app_policy_action_blocked_total", "app_id", "trustDomain", "namespace");
            PubSubIngress = Counter("component_pubsub_ingress_count", "app_id", "component", "namespace", "process_status", "topic", "status");
            PubSubIngressLatency = Latency("component_pubsub_ingress_latencies", "app_id", "component", "namespace", "process_status", "topic", "status");
            PubSubEgress = Counter("component_pubsub_egress_count", "app_id", "component", "namespace", "success", "topic");
            PubSubEgressLatency = Latency("component_pubsub_egress_latencies", "app_id", "component", "namespace", "success", "topic");
            InputBindings = Counter("component_input_binding_count", "app_id", "component", "namespace", "success");
            InputBindingLatency = Latency("component_input_binding_latencies", "app_id", "component", "namespace", "success");
            OutputBindings = Counter("component_output_binding_count", "app_id", "component", "namespace", "operation", "success");
            OutputBindingLatency = Latency("component_output_binding_latencies", "app_id", "component", "namespace", "operation", "success");
            State = Counter("component_state_count", "app_id", "component", "namespace", "operation", "success");
            StateLatency = Latency("component_state_latencies", "app_id", "component", "namespace", "operation", "success");
            Secrets = Counter("component_secret_count", "app_id", "component", "namespace", "operation", "success");
            SecretLatency = Latency("component_secret_latencies", "app_id", "component", "namespace", "operation", "success");
        }

        public CollectorRegistry Registry { get; } = Metrics.NewCustomRegistry();

        public Counter HttpServerRequests { get; }

        public Counter HttpServerResponses { get; }

        public Histogram HttpServerLatency { get; }

        public Counter HttpClientCompleted { get; }

        public Histogram HttpClientLatency { get; }

        public Counter GrpcServerCompleted { get; }

        public Histogram GrpcServerLatency { get; }

        public Counter ComponentsLoaded { get; }

        public Counter ComponentInits { get; }

        public Counter ComponentInitFailures { get; }

        public Counter InvocationsSent { get; }

        public Counter InvocationsReceived { get; }

        public Counter ResponsesSent { get; }

        public Counter ResponsesReceived { get; }

        public Histogram ResponseLatency { get; }

        public Counter AccessAllowed { get; }

        public Counter AccessBlocked { get; }

        public Counter PubSubIngress { get; }

        public Histogram PubSubIngressLatency { get; }

        public Counter PubSubEgress { get; }

        public Histogram PubSubEgressLatency { get; }

        public Counter InputBindings { get; }

        public Histogram InputBindingLatency { get; }

        public Counter OutputBindings { get; }

        public Histogram OutputBindingLatency { get; }

        public Counter State { get; }

        public Histogram StateLatency { get; }

        public Counter Secrets { get; }

        public Histogram SecretLatency { get; }

        private Counter Counter(string name, params string[] labels) => make.CreateCounter($"dapr_{name}", name, labels);

        private Histogram Latency(string name, params string[] labels) => make.CreateHistogram($"dapr_{name}", $"{name} in milliseconds", labels, new HistogramConfiguration { Buckets = Milliseconds });
    }
}
