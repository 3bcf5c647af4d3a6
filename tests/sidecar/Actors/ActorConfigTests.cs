using System.Text;
using System.Text.Json;
using Tarasol.Sidecar.Actors;

namespace Tarasol.Tests.Sidecar.Actors;

public sealed class ActorConfigTests
{
    private readonly List<string> _warnings = [];

    [Fact]
    public void What_the_dotnet_SDK_writes_is_read()
    {
        var types = Parse("""
            {"entities":["a","b"],"entitiesConfig":[{"entities":["b"],"actorIdleTimeout":"0h1m0s0ms","reentrancy":{"enabled":true,"maxStackDepth":3}}],
             "actorIdleTimeout":"1h0m0s0ms","actorScanInterval":"0h0m30s0ms","drainOngoingCallTimeout":"0h0m10s0ms","drainRebalancedActors":false,"reentrancy":{"enabled":false}}
            """);
        Assert.Equal(new ActorTypeOptions { IdleTimeout = TimeSpan.FromHours(1), DrainTimeout = TimeSpan.FromSeconds(10), Drain = false }, types["a"]);
        Assert.Equal(new ActorTypeOptions { IdleTimeout = TimeSpan.FromMinutes(1), Reentrancy = true, MaxStackDepth = 3 }, types["b"]);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_value_that_cannot_be_used_is_reported_and_the_default_taken()
    {
        var types = Parse("""{"Entities":["a",7,""],"actorIdleTimeout":"soon","drainOngoingCallTimeout":5,"drainRebalancedActors":"yes","reentrancy":{"enabled":true,"maxStackDepth":-1}}""");
        Assert.Equal(new ActorTypeOptions { Reentrancy = true }, Assert.Single(types).Value);
        Assert.Equal(["entities 7", "actorIdleTimeout \"soon\"", "drainOngoingCallTimeout 5", "drainRebalancedActors \"yes\"", "maxStackDepth -1"], _warnings.Order(StringComparer.Ordinal).OrderBy(w => w.StartsWith("entities", StringComparison.Ordinal) ? 0 : w.StartsWith("actor", StringComparison.Ordinal) ? 1 : w.StartsWith("drainO", StringComparison.Ordinal) ? 2 : w.StartsWith("drainR", StringComparison.Ordinal) ? 3 : 4));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"entities":null}""")]
    [InlineData("""{"entitiesConfig":[{"entities":["stranger"]}]}""")]
    public void Nothing_declared_is_nothing_hosted(string json) => Assert.Empty(Parse(json));

    [Fact]
    public void What_is_no_JSON_is_refused() => Assert.ThrowsAny<JsonException>(() => Parse("<html>"));

    private IReadOnlyDictionary<string, ActorTypeOptions> Parse(string json) => ActorConfig.Parse(Encoding.UTF8.GetBytes(json), (name, value) => _warnings.Add($"{name} {value}"));
}
