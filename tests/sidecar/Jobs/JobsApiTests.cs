using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Tarasol.Tests.Sidecar.Actors;
using Tarasol.Tests.Sidecar.Scheduling;

namespace Tarasol.Tests.Sidecar.Jobs;

public sealed class JobsApiTests : IAsyncLifetime
{
    private ActorMesh _mesh = null!;

    public async ValueTask InitializeAsync() => _mesh = await ActorMesh.StartAsync();

    public ValueTask DisposeAsync() => _mesh.DisposeAsync();

    [Theory]
    [InlineData("v1.0")]
    [InlineData("v1.0-alpha1")]
    public async Task A_job_calls_the_app_with_its_data(string version)
    {
        Assert.Equal(204, (await SendAsync("POST", $"/{version}/jobs/prune", """{"dueTime":"0s","data":{"folder":"in"}}""")).Status);
        await Eventually.Holds(() => _mesh.App.Of("/job/prune").Any(), "the trigger");
        var trigger = _mesh.App.Of("/job/prune").Single();
        Assert.Equal(("POST", "/job/prune", "application/json"), (trigger.Method, trigger.Path, trigger.Headers["content-type"]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"folder":"in"}"""), JsonNode.Parse(trigger.Body)), trigger.Body);
        await OverAsync("prune");
    }

    [Fact]
    public async Task A_job_shows_itself_and_goes()
    {
        Assert.Equal(204, (await SendAsync("POST", "/v1.0/jobs/nightly", """{"schedule":"0 30 2 * * *","repeats":5,"data":"x"}""")).Status);
        var (status, body) = await SendAsync("GET", "/v1.0/jobs/nightly");
        Assert.Equal(200, status);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"name":"nightly","schedule":"0 30 2 * * *","repeats":5,"data":{"@type":"type.googleapis.com/google.protobuf.Value","value":"x"},
             "failurePolicy":{"constant":{"interval":"1s","maxRetries":3}}}
            """), JsonNode.Parse(body)), body);
        var (conflict, exists) = await SendAsync("POST", "/v1.0/jobs/nightly", """{"dueTime":"1h"}""");
        AssertError(409, "DAPR_SCHEDULER_SCHEDULE_JOB", conflict, exists);
        Assert.Equal(204, (await SendAsync("POST", "/v1.0/jobs/nightly", """{"dueTime":"1h","overwrite":true}""")).Status);
        Assert.Equal(204, (await SendAsync("DELETE", "/v1.0/jobs/nightly")).Status);
        Assert.Equal(204, (await SendAsync("DELETE", "/v1.0/jobs/nightly")).Status);
        var (missing, error) = await SendAsync("GET", "/v1.0/jobs/nightly");
        AssertError(500, "DAPR_SCHEDULER_GET_JOB", missing, error);
    }

    [Theory]
    [InlineData("", 400, "DAPR_SCHEDULER_SCHEDULE_EMPTY")]
    [InlineData("{}", 400, "DAPR_SCHEDULER_SCHEDULE_EMPTY")]
    [InlineData("""{"name":"n","dueTime":"1s"}""", 400, "DAPR_SCHEDULER_JOB_NAME")]
    [InlineData("""{"schedule":"often"}""", 500, "DAPR_SCHEDULER_SCHEDULE_JOB")]
    [InlineData("""{"dueTime":"soon"}""", 500, "DAPR_SCHEDULER_SCHEDULE_JOB")]
    [InlineData("""{"dueTime":"1s","repeats":2}""", 500, "DAPR_SCHEDULER_SCHEDULE_JOB")]
    [InlineData("""{"schedule":"@daily","repeats":-1}""", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("{", 400, "ERR_MALFORMED_REQUEST")]
    public async Task A_wrong_job_is_refused(string body, int expected, string code)
    {
        var (status, answer) = await SendAsync("POST", "/v1.0/jobs/bad", body);
        AssertError(expected, code, status, answer);
    }

    [Fact]
    public async Task A_handler_that_is_missing_is_not_tried_again_and_one_that_fails_is()
    {
        await SendAsync("POST", "/v1.0/jobs/missing", """{"dueTime":"0s"}""");
        await SendAsync("POST", "/v1.0/jobs/fail", """{"dueTime":"0s","failurePolicy":{"constant":{"interval":"10ms","maxRetries":2}}}""");
        await OverAsync("missing");
        await OverAsync("fail");
        Assert.Single(_mesh.App.Of("/job/missing"));
        Assert.Equal(3, _mesh.App.Of("/job/fail").Count());
    }

    [Fact]
    public async Task Jobs_can_be_made_listed_and_deleted_over_gRPC()
    {
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{_mesh.BetaGrpcPort}");
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);
        await dapr.ScheduleJobAsync(new ScheduleJobRequest { Job = new Job { Name = "now", DueTime = "0s", Data = new Any { TypeUrl = "dapr.io/schedule/jobpayload", Value = ByteString.CopyFromUtf8("bytes") } } });
        await Eventually.Holds(() => _mesh.App.Of("/job/now").Any(), "the trigger");
        Assert.Equal("bytes", _mesh.App.Of("/job/now").Single().Body);
        foreach (var name in (string[])["a-1", "a-2", "b-1"])
            await dapr.ScheduleJobAsync(new ScheduleJobRequest { Job = new Job { Name = name, Schedule = "@every 1h" } });
        var shown = (await dapr.GetJobAsync(new GetJobRequest { Name = "a-1" })).Job;
        Assert.Equal(("a-1", "@every 1h", 3u), (shown.Name, shown.Schedule, shown.FailurePolicy.Constant.MaxRetries));
        await dapr.DeleteJobsByPrefixAsync(new DeleteJobsByPrefixRequest { NamePrefix = "a-" });
        await OverAsync("now");
        Assert.Equal(["b-1"], (await dapr.ListJobsAsync(new ListJobsRequest())).Jobs.Select(job => job.Name));
        await dapr.DeleteJobAsync(new DeleteJobRequest { Name = "b-1" });
        Assert.Empty((await dapr.ListJobsAsync(new ListJobsRequest())).Jobs);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(async () => await dapr.GetJobAsync(new GetJobRequest()))).StatusCode);
    }

    private Task OverAsync(string name) => Eventually.Answers(async () => (await SendAsync("GET", $"/v1.0/jobs/{name}")).Status, status => status == 500, $"job {name} is over");

    private static void AssertError(int expected, string code, int status, string body)
    {
        Assert.Equal(expected, status);
        Assert.Equal(code, JsonDocument.Parse(body).RootElement.GetProperty("errorCode").GetString());
    }

    private async Task<(int Status, string Body)> SendAsync(string verb, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _mesh.Beta.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
