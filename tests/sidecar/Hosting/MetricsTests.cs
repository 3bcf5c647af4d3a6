using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>Prometheus metrics under daprd's names.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task What_a_dashboard_of_Dapr_reads_is_on_the_metrics_port()
    {
        await using var mesh = await TestMesh.StartAsync(
            Yaml.All(Yaml.Component("memory", "state.in-memory"), Yaml.Component("pubsub", "pubsub.in-memory"), Yaml.Component("files", "bindings.localstorage", ("rootPath", "files")),
                Yaml.Component("secrets", "secretstores.local.env")),
            [
                new TestApp("caller"),
                new TestApp("app", app =>
                {
                    app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""", "application/json"));
                    app.MapPost("/in", (HttpRequest request) => Results.Ok());
                    app.MapGet("/x", () => Results.StatusCode(418));
                }),
            ], options: options => options with { MetricsPort = 0 });
        using var dapr = mesh.Dapr("caller");
        await mesh.SendAsync("caller", "GET", "/v1.0/invoke/app/method/x");
        await mesh.SendAsync("caller", "POST", "/v1.0/state/memory", """[{"key":"k","value":1}]""");
        await mesh.SendAsync("caller", "GET", "/v1.0/state/nowhere/k");
        await mesh.SendAsync("caller", "POST", "/v1.0/publish/pubsub/t", "1");
        await mesh.SendAsync("caller", "POST", "/v1.0/bindings/files", """{"operation":"get","metadata":{"fileName":"none"}}""");
        await mesh.SendAsync("caller", "GET", "/v1.0/secrets/secrets/NONE");
        await dapr.GetMetadataAsync();

        foreach (var expected in (string[])
        [
            """dapr_http_server_request_count{app_id="caller",method="GET",path="",status="418"} 1""",
            """dapr_http_server_latency_count{app_id="caller",method="POST",path="",status="204"} 2""",
            """dapr_http_client_completed_count{app_id="app",method="GET",path="",status="418"} 1""",
            """dapr_grpc_io_server_completed_rpcs{app_id="caller",grpc_server_method="/dapr.proto.runtime.v1.Dapr/GetMetadata",grpc_server_status="OK"} 1""",
            """dapr_runtime_component_loaded{app_id="app"} 4""",
            """dapr_runtime_component_init_total{app_id="app",component="state.in-memory"} 1""",
            """dapr_runtime_service_invocation_req_sent_total{app_id="caller",dst_app_id="app",type="unary"} 1""",
            """dapr_runtime_service_invocation_req_recv_total{app_id="app",src_app_id="caller"} 1""",
            """dapr_runtime_service_invocation_res_recv_total{app_id="caller",src_app_id="app",status="418",type="unary"} 1""",
            """dapr_component_state_count{app_id="caller",component="memory",namespace="default",operation="set",success="true"} 1""",
            """dapr_component_pubsub_egress_count{app_id="caller",component="pubsub",namespace="default",success="true",topic="t"} 1""",
            """dapr_component_pubsub_ingress_count{app_id="app",component="pubsub",namespace="default",process_status="success",topic="t",status="success"} 1""",
            """dapr_component_output_binding_count{app_id="caller",component="files",namespace="default",operation="get",success="false"} 1""",
            """dapr_component_secret_count{app_id="caller",component="secrets",namespace="default",operation="get",success="true"} 1""",
        ])
            await Poll.UntilAsync(async () => (await ReadAsync(mesh)).Contains(expected, StringComparison.Ordinal), 5, () => $"{expected}\nis not in\n{ReadAsync(mesh).Result}");
    }

    [Fact]
    public async Task A_component_that_did_not_come_up_is_counted()
    {
        await using var mesh = await TestMesh.StartAsync("""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: broken }
            spec: { type: secretstores.local.file, ignoreErrors: true }
            """, [new TestApp("app")], options: options => options with { MetricsPort = 0 });

        Assert.Contains("""dapr_runtime_component_init_fail_total{app_id="app",component="secretstores.local.file",reason="init",componentName="broken"} 1""", await ReadAsync(mesh));
    }

    [Fact]
    public async Task The_metrics_port_serves_nothing_else_and_other_ports_serve_no_metrics()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app")], options: options => options with { MetricsPort = 0 });

        using var answer = await mesh.Http.GetAsync(new Uri($"http://127.0.0.1:{mesh.Host.MetricsPort()}/v1.0/metadata"));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal(404, await mesh.StatusAsync("app", "/metrics"));
    }

    [Fact]
    public async Task With_increasedCardinality_the_path_is_there_without_its_keys()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("memory", "state.in-memory"), [new TestApp("app")], Yaml.Configuration("metrics: { http: { increasedCardinality: true } }"),
            options => options with { MetricsPort = 0 });
        await mesh.SendAsync("app", "GET", "/v1.0/state/memory/secret-key");

        Assert.Contains("""dapr_http_server_request_count{app_id="app",method="GET",path="/v1.0/state/memory",status="204"} 1""", await ReadAsync(mesh));
    }

    [Theory]
    [InlineData("/v1.0/state/store/key", "/v1.0/state/store")]
    [InlineData("/v1.0/actors/T/7/method/m", "/v1.0/actors/T/{id}/method")]
    [InlineData("/v1.0/workflows/dapr/7/raiseEvent/e", "/v1.0/workflows/dapr/{instanceId}/raiseEvent/{eventName}")]
    [InlineData("/v1.0/workflows/dapr/name/start", "/v1.0/workflows/dapr/name/start")]
    [InlineData("/v1.0/healthz", "/v1.0/healthz")]
    public void A_path_loses_what_varies(string path, string label) => Assert.Equal(label, MetricPath.Of(path));

    private static Task<string> ReadAsync(TestMesh mesh) => mesh.Http.GetStringAsync(new Uri($"http://127.0.0.1:{mesh.Host.MetricsPort()}/metrics"));
}
