using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>Dapr's workflow API over HTTP, and its gRPC twins.</summary>
public sealed class WorkflowApiTests : IAsyncLifetime
{
    private EngineHost _host = null!;
    private WorkflowApp _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        _app = await _host.AppAsync("wf", RecordedWorkflows.Register);
        _http = _host.Http("wf");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("v1.0")]
    [InlineData("v1.0-beta1")]
    [InlineData("v1.0-alpha1")]
    public async Task A_workflow_can_be_led_through_its_life_in_each_version(string version)
    {
        var root = $"/{version}/workflows/dapr";
        Assert.Equal((HttpStatusCode.Accepted, """{"instanceID":"letter-1"}"""), await PostAsync($"{root}/Waits/start?instanceID=letter-1", "\"رسالة\""));
        await _app.Client.WaitForWorkflowStartAsync("letter-1");
        Assert.Equal((HttpStatusCode.Accepted, "{}"), await PostAsync($"{root}/letter-1/pause"));
        Assert.Equal("SUSPENDED", (await GetAsync($"{root}/letter-1"))["runtimeStatus"]!.ToString());
        Assert.Equal((HttpStatusCode.Accepted, "{}"), await PostAsync($"{root}/letter-1/resume"));
        Assert.Equal((HttpStatusCode.Accepted, "{}"), await PostAsync($"{root}/letter-1/raiseEvent/go", "\"now\""));
        await _app.Client.WaitForWorkflowCompletionAsync("letter-1").WaitAsync(TimeSpan.FromSeconds(90));
        var state = await GetAsync($"{root}/letter-1");
        Assert.Equal(("letter-1", "Waits", "COMPLETED"), (state["instanceID"]!.ToString(), state["workflowName"]!.ToString(), state["runtimeStatus"]!.ToString()));
        Assert.Equal("\"رسالة\"", state["properties"]!["dapr.workflow.input"]!.ToString());
        Assert.Equal("رسالة+now", JsonNode.Parse(state["properties"]!["dapr.workflow.output"]!.ToString())!.ToString());
        Assert.True(DateTimeOffset.TryParse(state["createdAt"]!.ToString(), out _));
        Assert.Equal((HttpStatusCode.Accepted, "{}"), await PostAsync($"{root}/letter-1/terminate"));
        Assert.Equal((HttpStatusCode.Accepted, "{}"), await PostAsync($"{root}/letter-1/purge"));
        var gone = await _http.GetAsync(new Uri($"{root}/letter-1", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_failed_workflow_shows_its_failure_and_no_output()
    {
        await PostAsync("/v1.0/workflows/dapr/ThrowsItself/start?instanceID=bad", "1");
        await _app.Client.WaitForWorkflowCompletionAsync("bad").WaitAsync(TimeSpan.FromSeconds(90));
        var properties = (await GetAsync("/v1.0/workflows/dapr/bad"))["properties"]!.AsObject();
        Assert.Equal(("System.ArgumentException", "bad letter"), (properties["dapr.workflow.failure.error_type"]!.ToString(), properties["dapr.workflow.failure.error_message"]!.ToString()));
        Assert.False(properties.ContainsKey("dapr.workflow.output"));
    }

    [Theory]
    [InlineData("/v1.0/workflows/dapr/Chain/start?instanceID=a%20b", 400, "ERR_INSTANCE_ID_INVALID", "workflow instance ID 'a b' is invalid: only alphanumeric and underscore characters are allowed")]
    [InlineData("/v1.0/workflows/dapr/Chain/start?instanceID=01234567890123456789012345678901234567890123456789012345678901234", 400, "ERR_INSTANCE_ID_TOO_LONG", "workflow instance ID exceeds the max length of 64 characters")]
    [InlineData("/v1.0/workflows/dapr/nobody/terminate", 404, "ERR_INSTANCE_ID_NOT_FOUND", "unable to find workflow with the provided instance ID: nobody")]
    [InlineData("/v1.0/workflows/dapr/nobody/purge", 404, "ERR_INSTANCE_ID_NOT_FOUND", "unable to find workflow with the provided instance ID: nobody")]
    [InlineData("/v1.0/workflows/dapr/nobody/pause", 500, "ERR_PAUSE_WORKFLOW", "error pausing workflow nobody: failed to pause workflow nobody: failed to suspend workflow: no such instance exists")]
    [InlineData("/v1.0/workflows/dapr/nobody/raiseEvent/go", 500, "ERR_RAISE_EVENT_WORKFLOW", "error raising event on workflow 'nobody': failed to raise event go on workflow nobody: failed to raise event: no such instance exists")]
    public async Task Wrong_calls_get_Dapr_s_error_bodies(string path, int status, string code, string message)
    {
        var (answered, body) = await PostAsync(path);
        var error = JsonNode.Parse(body)!;
        Assert.Equal((status, code, message), ((int)answered, error["errorCode"]!.ToString(), error["message"]!.ToString()));
    }

    [Theory]
    [InlineData("Alpha1")]
    [InlineData("Beta1")]
    public async Task The_gRPC_twins_do_the_same(string version)
    {
        using var channel = _host.Channel("wf");
        var calls = channel.CreateCallInvoker();
        Task<TResponse> Call<TRequest, TResponse>(string method, TRequest request)
            where TRequest : class, IMessage<TRequest>, new()
            where TResponse : class, IMessage<TResponse>, new() =>
            calls.AsyncUnaryCall(
                new Method<TRequest, TResponse>(MethodType.Unary, "dapr.proto.runtime.v1.Dapr", method + version, Marshal<TRequest>(), Marshal<TResponse>()),
                null, new CallOptions(deadline: DateTime.UtcNow.AddSeconds(20)), request).ResponseAsync;

        var id = (await Call<StartWorkflowRequest, StartWorkflowResponse>(
            "StartWorkflow", new StartWorkflowRequest { WorkflowComponent = "dapr", WorkflowName = "Waits", Input = ByteString.CopyFromUtf8("\"x\"") })).InstanceId;
        await Call<PauseWorkflowRequest, Google.Protobuf.WellKnownTypes.Empty>("PauseWorkflow", new PauseWorkflowRequest { InstanceId = id });
        await Call<ResumeWorkflowRequest, Google.Protobuf.WellKnownTypes.Empty>("ResumeWorkflow", new ResumeWorkflowRequest { InstanceId = id });
        await Call<RaiseEventWorkflowRequest, Google.Protobuf.WellKnownTypes.Empty>(
            "RaiseEventWorkflow", new RaiseEventWorkflowRequest { InstanceId = id, EventName = "go", EventData = ByteString.CopyFromUtf8("1") });
        await _app.Client.WaitForWorkflowCompletionAsync(id).WaitAsync(TimeSpan.FromSeconds(90));
        var state = await Call<GetWorkflowRequest, GetWorkflowResponse>("GetWorkflow", new GetWorkflowRequest { InstanceId = id });
        Assert.Equal(("Waits", "COMPLETED"), (state.WorkflowName, state.RuntimeStatus));
        await Call<TerminateWorkflowRequest, Google.Protobuf.WellKnownTypes.Empty>("TerminateWorkflow", new TerminateWorkflowRequest { InstanceId = id });
        await Call<PurgeWorkflowRequest, Google.Protobuf.WellKnownTypes.Empty>("PurgeWorkflow", new PurgeWorkflowRequest { InstanceId = id });
        Assert.Empty((await Call<GetWorkflowRequest, GetWorkflowResponse>("GetWorkflow", new GetWorkflowRequest { InstanceId = id })).WorkflowName);
        var refused = await Assert.ThrowsAsync<RpcException>(() =>
            Call<StartWorkflowRequest, StartWorkflowResponse>("StartWorkflow", new StartWorkflowRequest { WorkflowComponent = "dapr" }));
        Assert.Equal((StatusCode.InvalidArgument, "workflow name is not configured"), (refused.StatusCode, refused.Status.Detail));
    }

    [Fact]
    public Task The_metadata_counts_connected_workers() =>
        Poll.UntilAsync(async () => (await GetAsync("/v1.0/metadata"))["workflows"]?["connectedWorkers"]?.GetValue<int>() == 1);

    private static Marshaller<T> Marshal<T>() where T : class, IMessage<T>, new() =>
        Marshallers.Create(message => message.ToByteArray(), data => new MessageParser<T>(() => new T()).ParseFrom(data));

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, string? body = null)
    {
        using var content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative)))!;
}
