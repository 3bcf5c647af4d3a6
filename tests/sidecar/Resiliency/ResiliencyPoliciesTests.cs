using Microsoft.Extensions.Time.Testing;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Resiliency;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Tests.Sidecar.Resiliency;

public class ResiliencyPoliciesTests
{
    private const string Yaml = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: all }
        spec:
          policies:
            timeouts:
              short: 250ms
              bare: 1500
              DefaultTimeoutPolicy: 9s
            retries:
              twice: { policy: constant, duration: 1ms, maxRetries: 2, matching: { httpStatusCodes: "429,500-599", gRPCStatusCodes: "14" } }
              DefaultPubsubComponentInboundRetryPolicy: { policy: constant, duration: 1ms, maxRetries: 4 }
              DefaultComponentRetryPolicy: { policy: exponential, maxRetries: 7 }
              DaprBuiltInServiceRetries: { policy: constant, duration: 2s, maxRetries: 1 }
              DaprBuiltInActorNotFoundRetries: { policy: constant, duration: 2s, maxRetries: 1 }
            circuitBreakers:
              two: { maxRequests: 1, timeout: 30s, trip: consecutiveFailures >= 2 }
          targets:
            apps:
              orders: { timeout: short, retry: twice, circuitBreaker: two }
            actors:
              Series: { timeout: bare, retry: twice, circuitBreaker: two, circuitBreakerScope: id }
            components:
              pubsub: { outbound: { retry: twice } }
        """;

    private readonly FakeTimeProvider time = new();

    [Fact]
    public void An_app_target_has_its_timeout_retry_and_a_breaker_for_each_endpoint()
    {
        var policies = Load(Yaml);
        var policy = policies.App("me", "orders", "a");
        Assert.Equal((TimeSpan.FromMilliseconds(250), 2), (policy.Timeout, policy.Retry!.MaxRetries));
        Assert.Same(policy, policies.App("me", "orders", "a"));
        Assert.NotSame(policy.Breaker, policies.App("me", "orders", "b").Breaker);
        Assert.Equal(TimeSpan.FromSeconds(9), policies.App("me", "unknown", "a").Timeout);
    }

    [Fact]
    public void Default_policies_are_taken_from_the_most_specific_name_and_an_explicit_target_wins_entirely()
    {
        var policies = Load(Yaml);
        Assert.Equal(4, policies.ComponentInbound("me", "other", ResiliencyComponentType.Pubsub).Retry!.MaxRetries);
        Assert.Equal(7, policies.ComponentOutbound("me", "other", ResiliencyComponentType.Pubsub).Retry!.MaxRetries);
        Assert.Equal(TimeSpan.FromSeconds(9), policies.ComponentOutbound("me", "other", ResiliencyComponentType.Pubsub).Timeout);
        Assert.True(policies.ComponentInbound("me", "pubsub", ResiliencyComponentType.Pubsub).IsNone);
        Assert.Null(policies.ComponentOutbound("me", "pubsub", ResiliencyComponentType.Pubsub).Timeout);
    }

    [Fact]
    public void An_actor_has_its_timeout_under_the_lock_and_the_rest_before_it()
    {
        var policies = Load(Yaml);
        var before = policies.ActorBeforeLock("me", "Series", "1");
        Assert.Equal((null, 2), (before.Timeout, before.Retry!.MaxRetries));
        Assert.NotSame(before.Breaker, policies.ActorBeforeLock("me", "Series", "2").Breaker);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), policies.ActorUnderLock("me", "Series").Timeout);
    }

    [Fact]
    public void Built_in_policies_can_be_replaced_but_not_weakened_below_three_retries()
    {
        var replaced = Load(Yaml);
        Assert.Equal((3, TimeSpan.FromSeconds(2)), (replaced.BuiltIn("me", BuiltInPolicy.ServiceRetries).Retry!.MaxRetries, replaced.BuiltIn("me", BuiltInPolicy.ServiceRetries).Retry!.Duration));
        Assert.Equal(5, replaced.BuiltIn("me", BuiltInPolicy.ActorNotFoundRetries).Retry!.MaxRetries);
        Assert.Equal(TimeSpan.FromMinutes(15), Load().BuiltIn("me", BuiltInPolicy.ActorReminderRetries).Retry!.MaxElapsed);
    }

    [Fact]
    public void Without_documents_nothing_applies() => Assert.True(Load().App("me", "orders", "a").IsNone);

    [Fact]
    public void A_document_is_for_the_apps_of_its_scopes()
    {
        var policies = Load(Yaml + "\nscopes: [me]");
        Assert.False(policies.App("me", "orders", "a").IsNone);
        Assert.True(policies.App("you", "orders", "a").IsNone);
    }

    [Theory]
    [InlineData("spec: { policies: { timeouts: { t: soon } } }", "f.yaml:1: 'soon' is not a duration")]
    [InlineData("spec: { policies: { retries: { r: { policy: sometimes } } } }", "neither constant nor exponential")]
    [InlineData("spec: { policies: { retries: { r: { matching: { httpStatusCodes: 600 } } } } }", "'600' is not a status code")]
    [InlineData("spec: { policies: { circuitBreakers: { c: { trip: 'failures >' } } } }", "trip:")]
    [InlineData("spec: { targets: { apps: { a: { retry: none } } } }", "there is no retry policy named 'none'")]
    [InlineData("spec: { policies: { circuitBreakers: { c: { timeout: 1s } } }, targets: { actors: { a: { circuitBreaker: c } } } }", "circuitBreakerScope")]
    public void A_mistake_is_named_with_file_and_line(string yaml, string problem) =>
        Assert.Contains(problem, Assert.ThrowsAny<Exception>(() => Load(yaml)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Failures_are_retried_and_the_last_result_comes_back()
    {
        var policy = new ResiliencyPolicy(new RetryPolicy { Duration = TimeSpan.Zero, MaxRetries = 2 }, null, null, TimeProvider.System);
        var (calls, discarded) = (0, new List<int>());
        var last = await policy.ExecuteAsync(_ => Task.FromResult(new Attempt<int>(++calls, Failed: true, 503)), discarded.Add, CancellationToken.None);
        Assert.Equal((3, 3), (calls, last));
        Assert.Equal([1, 2], discarded);
    }

    [Theory]
    [InlineData(404, 1)]
    [InlineData(503, 3)]
    [InlineData(14, 3)]
    [InlineData(5, 1)]
    public async Task Only_matching_status_codes_are_retried(int status, int expected)
    {
        var retry = new RetryPolicy
        {
            Duration = TimeSpan.Zero, MaxRetries = 2, HttpStatusCodes = RetryPolicy.ParseCodes("429,500-599", 100, 599), GrpcStatusCodes = RetryPolicy.ParseCodes("14", 0, 16),
        };
        var calls = 0;
        await new ResiliencyPolicy(retry, null, null, TimeProvider.System).ExecuteAsync(_ => Task.FromResult(new Attempt<int>(++calls, true, status)), null, CancellationToken.None);
        Assert.Equal(expected, calls);
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_a_failure_of_its_attempt()
    {
        var policy = new ResiliencyPolicy(new RetryPolicy { Duration = TimeSpan.Zero, MaxRetries = 1 }, null, TimeSpan.FromMilliseconds(20), TimeProvider.System);
        var calls = 0;
        await Assert.ThrowsAsync<TimeoutException>(() => policy.ExecuteAsync(cancel => Task.Delay(++calls > 0 ? Timeout.Infinite : 0, cancel), CancellationToken.None));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task An_open_breaker_refuses_at_once_lets_one_call_through_after_its_timeout_and_closes_on_success()
    {
        var policy = Load(Yaml.Replace("retry: twice, circuitBreaker", "circuitBreaker", StringComparison.Ordinal).Replace("timeout: short, ", "", StringComparison.Ordinal)).App("me", "orders", "a");
        Task Call(bool fail) => policy.ExecuteAsync(_ => fail ? throw new InvalidOperationException("no") : Task.CompletedTask, CancellationToken.None);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Call(fail: true));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Call(fail: true));
        await Assert.ThrowsAsync<CircuitOpenException>(() => Call(fail: false));
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("half-open", policy.Breaker!.State);
        await Call(fail: false);
        Assert.Equal("closed", policy.Breaker.State);
    }

    [Fact]
    public async Task An_open_breaker_is_not_retried()
    {
        var breaker = new CircuitBreaker("b", new CircuitBreakerPolicy(1, TimeSpan.Zero, TimeSpan.FromSeconds(60), null), time);
        var policy = new ResiliencyPolicy(new RetryPolicy { Duration = TimeSpan.Zero }, breaker, null, TimeProvider.System);
        var calls = 0;
        await Assert.ThrowsAsync<CircuitOpenException>(() => policy.ExecuteAsync(_ => Task.FromResult(new Attempt<int>(++calls, true)), null, CancellationToken.None));
        Assert.Equal(6, calls);
    }

    [Fact]
    public void An_exponential_wait_grows_by_half_up_to_its_limit()
    {
        var retry = new RetryPolicy { Exponential = true, MaxInterval = TimeSpan.FromSeconds(2) };
        Assert.InRange(retry.DelayBefore(1).TotalMilliseconds, 250, 750);
        Assert.InRange(retry.DelayBefore(3).TotalMilliseconds, 562, 1688);
        Assert.InRange(retry.DelayBefore(50).TotalMilliseconds, 1000, 3000);
    }

    private ResiliencyPolicies Load(params string[] yaml) => new([.. yaml.Select(Document)], time);

    private static ResourceDocument Document(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        return new ResourceDocument("Resiliency", "dapr.io/v1alpha1", "all", [.. root.List("scopes").Select(scope => scope.ToString())], root, "f.yaml");
    }
}
