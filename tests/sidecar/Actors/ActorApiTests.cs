using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tarasol.Tests.Sidecar.Scheduling;

namespace Tarasol.Tests.Sidecar.Actors;

/// <summary>The actor API on the wire; answers as recorded from daprd 1.18.3 where there is a recording.</summary>
public sealed class ActorApiTests : IAsyncLifetime
{
    private ActorMesh _mesh = null!;

    public async ValueTask InitializeAsync() => _mesh = await ActorMesh.StartAsync();

    public ValueTask DisposeAsync() => _mesh.DisposeAsync();

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Whatever_the_verb_the_app_gets_a_PUT(string verb)
    {
        var (status, body, _) = await SendAsync(_mesh.Alpha, verb, "/v1.0/actors/counter/a1/method/inc");
        Assert.Equal((200, """{"count":1}"""), (status, body));
        Assert.Equal("PUT", Assert.Single(_mesh.App.Received).Method);
    }

    [Fact]
    public async Task Body_headers_and_query_reach_the_app_and_its_headers_come_back()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1.0/actors/counter/a1/method/echo?q=1&r=%20") { Content = new StringContent("""{"x": 1}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("x-custom", "c");
        request.Headers.Add("dapr-caller-app-id", "somebody-else");
        using var response = await _mesh.Alpha.SendAsync(request);
        var seen = (await response.Content.ReadFromJsonAsync<Received>())!;
        Assert.Equal("/actors/counter/a1/method/echo?q=1&r=%20", seen.Path);
        Assert.Equal("""{"x": 1}""", seen.Body);
        Assert.Equal(("c", "alpha", "8"), (seen.Headers["x-custom"], seen.Headers["dapr-caller-app-id"], seen.Headers["content-length"]));
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$", seen.Headers["traceparent"]);
        Assert.Equal("yes", response.Headers.GetValues("x-from-app").Single());
    }

    [Fact]
    public async Task An_error_of_the_actor_comes_back_with_200_and_its_header()
    {
        using var response = await _mesh.Beta.PostAsync("/v1.0/actors/counter/a1/method/apperror", null);
        Assert.Equal((200, "details"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.Equal("an error of the app", response.Headers.GetValues("X-DaprErrorResponseHeader").Single());
    }

    [Theory]
    [InlineData("fail", "error invoke actor method: error from actor service: (500) {\"why\":\"asked to\"}")]
    [InlineData("missing", "error invoke actor method: actor method not found: actors/counter/a1/method/missing")]
    public async Task A_call_that_the_app_refuses_is_an_error(string method, string message)
    {
        var (status, body, _) = await SendAsync(_mesh.Beta, "POST", $"/v1.0/actors/counter/a1/method/{method}");
        AssertError(500, "ERR_ACTOR_INVOKE_METHOD", message, status, body);
    }

    [Fact]
    public async Task An_unknown_actor_type_has_no_address()
    {
        var (status, body, _) = await SendAsync(_mesh.Alpha, "POST", "/v1.0/actors/unknown/a1/method/inc");
        AssertError(500, "ERR_ACTOR_INVOKE_METHOD",
            "error invoke actor method: failed to lookup actor: api error: code = FailedPrecondition desc = did not find address for actor 'unknown/a1'", status, body);
    }

    [Theory]
    [InlineData("a%20b", "/actors/counter/a%20b/method/inc")]
    [InlineData("a+b", "/actors/counter/a%20b/method/inc")]
    [InlineData("a%2Bb", "/actors/counter/a+b/method/inc")]
    [InlineData("a:b@c,d", "/actors/counter/a:b@c,d/method/inc")]
    [InlineData("%D8%B1%D9%82%D9%85", "/actors/counter/%D8%B1%D9%82%D9%85/method/inc")]
    [InlineData("50%25", "/actors/counter/50%25/method/inc")]
    [InlineData("a||b", "/actors/counter/a%7C%7Cb/method/inc")]
    public async Task Ids_may_hold_odd_characters(string id, string path)
    {
        var (status, _, _) = await SendAsync(_mesh.Beta, "POST", $"/v1.0/actors/counter/{id}/method/inc");
        Assert.Equal(200, status);
        Assert.Equal(path, Assert.Single(_mesh.App.Received).Path);
    }

    [Theory]
    [InlineData("a%2Fb")]
    [InlineData("a%23b")]
    [InlineData("a%3Fb")]
    [InlineData("%2E%2E%5C")]
    [InlineData("a%0Ab")]
    public async Task Ids_that_could_leave_their_place_are_refused(string id)
    {
        var (status, body, _) = await SendAsync(_mesh.Beta, "POST", $"/v1.0/actors/counter/{id}/method/inc");
        AssertError(400, "ERR_BAD_REQUEST", null, status, body);
        Assert.Empty(_mesh.App.Received);
    }

    [Fact]
    public async Task The_types_of_the_workflow_engine_are_reserved()
    {
        foreach (var (verb, path) in new[] { ("POST", "method/x"), ("POST", "state"), ("GET", "state/k"), ("POST", "reminders/r"), ("POST", "timers/t") })
        {
            var (status, body, _) = await SendAsync(_mesh.Beta, verb, $"/v1.0/actors/dapr.internal.default.beta.workflow/w/{path}", "{}");
            AssertError(403, "ERR_ACTOR_TYPE_RESERVED", null, status, body);
        }
    }

    [Fact]
    public async Task State_is_written_by_an_active_actor_only()
    {
        const string state = "/v1.0/actors/counter/s1/state";
        var (status, body, _) = await SendAsync(_mesh.Beta, "POST", state, """[{"operation":"upsert","request":{"key":"k","value":1}}]""");
        AssertError(400, "ERR_ACTOR_INSTANCE_MISSING", "actor instance is missing", status, body);
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "GET", $"{state}/k")).Status);

        await SendAsync(_mesh.Beta, "POST", "/v1.0/actors/counter/s1/method/inc");
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "POST", state, """[{"operation":"upsert","request":{"key":"k","value":{"a":[1,"ق"]}}},{"operation":"upsert","request":{"key":"gone","value":null}}]""")).Status);
        var (found, value, headers) = await SendAsync(_mesh.Beta, "GET", $"{state}/k");
        Assert.Equal(200, found);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"a":[1,"ق"]}"""), JsonNode.Parse(value)));
        Assert.False(headers.ContainsKey("metadata.ttlExpireTime"));
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "PUT", state, """[{"operation":"delete","request":{"key":"k"}},{"operation":"upsert","request":{"key":"t","value":"v","metadata":{"ttlInSeconds":"100"}}}]""")).Status);
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "GET", $"{state}/k")).Status);
        Assert.True(DateTimeOffset.TryParse((await SendAsync(_mesh.Beta, "GET", $"{state}/t")).Headers["metadata.ttlExpireTime"], out _));
    }

    [Theory]
    [InlineData("", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("{", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("{}", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("[1]", 400, "ERR_MALFORMED_REQUEST")]
    [InlineData("""[{"operation":"upsert"}]""", 500, "ERR_ACTOR_STATE_TRANSACTION_SAVE")]
    [InlineData("""[{"request":{"key":"k"}}]""", 500, "ERR_ACTOR_STATE_TRANSACTION_SAVE")]
    [InlineData("""[{"operation":"fly","request":{"key":"k"}}]""", 500, "ERR_ACTOR_STATE_TRANSACTION_SAVE")]
    [InlineData("""[{"operation":"upsert","request":{"value":1}}]""", 500, "ERR_ACTOR_STATE_TRANSACTION_SAVE")]
    [InlineData("""[{"operation":"upsert","request":{"key":"k","value":1,"metadata":{"ttlInSeconds":"soon"}}}]""", 500, "ERR_ACTOR_STATE_TRANSACTION_SAVE")]
    [InlineData("""[{"operation":"upsert","request":{"key":"a","value":1}},{"operation":"upsert","request":{"value":1}}]""", 500, "ERR_ACTOR_STATE_TRANSACTION_SAVE")]
    public async Task A_wrong_transaction_changes_nothing(string body, int expected, string code)
    {
        await SendAsync(_mesh.Beta, "POST", "/v1.0/actors/counter/s2/method/inc");
        var (status, answer, _) = await SendAsync(_mesh.Beta, "POST", "/v1.0/actors/counter/s2/state", body);
        AssertError(expected, code, null, status, answer);
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "GET", "/v1.0/actors/counter/s2/state/a")).Status);
    }

    [Fact]
    public async Task A_reminder_fires_shows_itself_and_goes()
    {
        const string reminders = "/v1.0/actors/counter/r1/reminders";
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "POST", $"{reminders}/soon", """{"dueTime":"0s","data":{"why":"test"}}""")).Status);
        await Eventually.Holds(() => _mesh.App.Of("/remind/soon").Any(), "the reminder");
        var fired = _mesh.App.Of("/remind/soon").Single();
        Assert.Equal(("PUT", "/actors/counter/r1/method/remind/soon"), (fired.Method, fired.Path));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"data":{"why":"test"},"dueTime":"","period":""}"""), JsonNode.Parse(fired.Body)));

        Assert.Equal(204, (await SendAsync(_mesh.Beta, "PUT", $"{reminders}/later", """{"dueTime":"1h","period":"1h","data":"d"}""")).Status);
        var (status, shown, _) = await SendAsync(_mesh.Beta, "GET", $"{reminders}/later");
        Assert.Equal(200, status);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"actorID":"r1","actorType":"counter","data":"d","dueTime":"1h","period":"@every 1h0m0s"}"""), JsonNode.Parse(shown)), shown);
        var (conflict, exists, _) = await SendAsync(_mesh.Beta, "POST", $"{reminders}/later", """{"dueTime":"2h","overwrite":false}""");
        AssertError(409, "ERR_ACTOR_REMINDER_ALREADY_EXISTS", "actor reminder already exists: later", conflict, exists);
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "DELETE", $"{reminders}/later")).Status);
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "DELETE", $"{reminders}/later")).Status);
        var (missing, body, _) = await SendAsync(_mesh.Beta, "GET", $"{reminders}/later");
        AssertError(404, "ERR_ACTOR_REMINDER_NOT_FOUND", "actor reminder not found: later", missing, body);
    }

    [Fact]
    public async Task A_reminder_whose_answer_cancels_it_does_not_come_again()
    {
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "POST", "/v1.0/actors/counter/r1/reminders/cancel", """{"dueTime":"0s","period":"10ms"}""")).Status);
        await Eventually.Answers(async () => (await SendAsync(_mesh.Beta, "GET", "/v1.0/actors/counter/r1/reminders/cancel")).Status, status => status == 404, "it is cancelled");
        Assert.Single(_mesh.App.Of("/remind/cancel"));
    }

    [Fact]
    public async Task With_the_policy_drop_a_failed_reminder_is_over()
    {
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "POST", "/v1.0/actors/counter/r1/reminders/fail", """{"dueTime":"0s","failurePolicy":{"drop":{}}}""")).Status);
        await Eventually.Answers(async () => (await SendAsync(_mesh.Beta, "GET", "/v1.0/actors/counter/r1/reminders/fail")).Status, status => status == 404, "it is dropped");
        Assert.Single(_mesh.App.Of("/remind/fail"));
    }

    [Theory]
    [InlineData("""{"dueTime":"whenever"}""", 500, "ERR_ACTOR_REMINDER_CREATE", "error creating actor reminder: rpc error: code = Unknown desc = job failed validation: due time format not recognized")]
    [InlineData("{}", 500, "ERR_ACTOR_REMINDER_CREATE", "error creating actor reminder: rpc error: code = Unknown desc = job failed validation: job must have either a due time or a schedule")]
    [InlineData("""{"dueTime":"1s","period":"often"}""", 500, "ERR_ACTOR_REMINDER_CREATE", "error creating actor reminder: unsupported period format: often")]
    [InlineData("""{"dueTime":"1s","period":"P1D"}""", 500, "ERR_ACTOR_REMINDER_CREATE", "error creating actor reminder: unsupported period format: P1D")]
    [InlineData("""{"dueTime":"1s","ttl":"1s"}""", 500, "ERR_ACTOR_REMINDER_CREATE", null)]
    [InlineData("""{"dueTime":5}""", 400, "ERR_MALFORMED_REQUEST", null)]
    [InlineData("""{"dueTime":"1s","failurePolicy":{"retry":1}}""", 400, "ERR_MALFORMED_REQUEST", null)]
    [InlineData("[]", 400, "ERR_MALFORMED_REQUEST", null)]
    [InlineData("{", 400, "ERR_MALFORMED_REQUEST", null)]
    [InlineData("", 400, "ERR_MALFORMED_REQUEST", null)]
    public async Task A_wrong_reminder_is_refused(string body, int expected, string code, string? message)
    {
        var (status, answer, _) = await SendAsync(_mesh.Beta, "POST", "/v1.0/actors/counter/r1/reminders/bad", body);
        AssertError(expected, code, message, status, answer);
        Assert.Equal(404, (await SendAsync(_mesh.Beta, "GET", "/v1.0/actors/counter/r1/reminders/bad")).Status);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task Reminders_belong_to_the_app_that_hosts_the_type(string verb)
    {
        var (status, body, _) = await SendAsync(_mesh.Alpha, verb, "/v1.0/actors/counter/r1/reminders/r", verb == "POST" ? """{"dueTime":"1s"}""" : null);
        AssertError(403, "ERR_ACTOR_REMINDER_NON_HOSTED", "operations on actor reminders are only possible on hosted actor types", status, body);
    }

    [Fact]
    public async Task A_timer_fires_with_the_values_that_it_was_given()
    {
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "POST", "/v1.0/actors/counter/t1/timers/tick", """{"dueTime":"10ms","period":"R2/PT0S","callback":"onTick","data":{"n":1}}""")).Status);
        await Eventually.Holds(() => _mesh.App.Of("/timer/tick").Any(), "the timer");
        var fired = _mesh.App.Of("/timer/tick").First();
        Assert.Equal(("PUT", "/actors/counter/t1/method/timer/tick"), (fired.Method, fired.Path));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"callback":"onTick","data":{"n":1},"dueTime":"10ms","period":"R2/PT0S"}"""), JsonNode.Parse(fired.Body)), fired.Body);
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "DELETE", "/v1.0/actors/counter/t1/timers/tick")).Status);
        Assert.Equal(204, (await SendAsync(_mesh.Beta, "DELETE", "/v1.0/actors/counter/t1/timers/tick")).Status);
    }

    [Theory]
    [InlineData("counter", """{"dueTime":"whenever"}""", 500, "ERR_ACTOR_TIMER_CREATE", "error creating actor timer: error parsing timer due time: unsupported time/duration format: whenever")]
    [InlineData("counter", """{"period":"often"}""", 500, "ERR_ACTOR_TIMER_CREATE", "error creating actor timer: invalid timer period: parse error: unsupported duration format: often")]
    [InlineData("counter", """{"period":"R0/PT1S"}""", 500, "ERR_ACTOR_TIMER_CREATE", "error creating actor timer: invalid timer period: has zero repetitions")]
    [InlineData("counter", """{"dueTime":"1s","ttl":"soon"}""", 500, "ERR_ACTOR_TIMER_CREATE", "error creating actor timer: error parsing timer TTL: unsupported time/duration format: soon")]
    [InlineData("counter", """{"dueTime":"1s","ttl":"-5s"}""", 500, "ERR_ACTOR_TIMER_CREATE", null)]
    [InlineData("unknown", """{"dueTime":"1s"}""", 500, "ERR_ACTOR_TIMER_CREATE", "error creating actor timer: can't create timer for actor unknown||t1: actor type not registered")]
    [InlineData("counter", "x", 400, "ERR_MALFORMED_REQUEST", null)]
    public async Task A_wrong_timer_is_refused(string type, string body, int expected, string code, string? message)
    {
        var (status, answer, _) = await SendAsync(_mesh.Beta, "POST", $"/v1.0/actors/{type}/t1/timers/bad", body);
        AssertError(expected, code, message, status, answer);
    }

    [Fact]
    public async Task Who_hangs_up_while_waiting_loses_its_turn_and_who_is_served_keeps_it()
    {
        const string slow = "/v1.0/actors/counter/q/method/slow";
        using var hangUp = new CancellationTokenSource();
        var first = _mesh.Beta.PostAsync(slow, null, hangUp.Token);
        await Eventually.Holds(() => _mesh.App.Of("/slow").Count() == 1, "the first call is in the app");
        var second = _mesh.Beta.PostAsync("/v1.0/actors/counter/q/method/inc", null);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Empty(_mesh.App.Of("/inc"));
        _mesh.App.Gate.Release();
        using var answer = await second;
        Assert.Equal(200, (int)answer.StatusCode);
    }

    [Fact]
    public async Task The_metadata_count_the_active_actors()
    {
        await SendAsync(_mesh.Beta, "POST", "/v1.0/actors/counter/m1/method/inc");
        await SendAsync(_mesh.Beta, "POST", "/v1.0/actors/counter/m2/method/inc");
        var metadata = JsonNode.Parse((await SendAsync(_mesh.Beta, "GET", "/v1.0/metadata")).Body)!;
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"runtimeStatus":"RUNNING","activeActors":[{"type":"counter","count":2}],"hostReady":true,"placement":"placement: connected"}"""), metadata["actorRuntime"]), metadata.ToJsonString());
    }

    private static void AssertError(int expected, string code, string? message, int status, string body)
    {
        Assert.Equal(expected, status);
        var error = JsonDocument.Parse(body).RootElement;
        Assert.Equal(code, error.GetProperty("errorCode").GetString());
        if (message is not null)
            Assert.Equal(message, error.GetProperty("message").GetString());
    }

    private static async Task<(int Status, string Body, IReadOnlyDictionary<string, string> Headers)> SendAsync(HttpClient sidecar, string verb, string path, string? body = null)
    {
        // The path goes out as it is written here.
        using var request = new HttpRequestMessage(new HttpMethod(verb), new Uri(sidecar.BaseAddress + path.TrimStart('/'), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await sidecar.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.ToDictionary(header => header.Key, header => header.Value.First()));
    }
}
