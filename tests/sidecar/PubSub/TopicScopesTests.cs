using Tarasol.Sidecar.PubSub;

namespace Tarasol.Tests.Sidecar.PubSub;

public class TopicScopesTests
{
    [Theory]
    [InlineData("app1", "t1", true)]
    [InlineData("app1", "t3", false)]
    [InlineData("app2", "t3", true)]
    [InlineData("app3", "t1", false)]
    [InlineData("app4", "t1", true)]
    [InlineData("app4", "secret", false)]
    [InlineData("app1", "secret", false)]
    [InlineData("app5", "secret", true)]
    public void An_app_may_publish_what_its_scope_lists_and_others_what_is_not_protected(string app, string topic, bool may) => Assert.Equal(may, TopicScopes.MayPublish(
        new Dictionary<string, string> { ["PublishingScopes"] = "app1 = t1, t2; app2=t3;app3=;app5=secret", ["protectedTopics"] = "secret" }, app, topic));

    [Fact]
    public void Nobody_may_use_a_topic_outside_of_the_allowed_ones()
    {
        var metadata = new Dictionary<string, string> { ["allowedTopics"] = "a,b", ["subscriptionScopes"] = "app=c" };
        Assert.False(TopicScopes.MaySubscribe(metadata, "app", "c"));
        Assert.False(TopicScopes.MaySubscribe(metadata, "other", "c"));
        Assert.True(TopicScopes.MaySubscribe(metadata, "other", "a"));
        Assert.True(TopicScopes.MayPublish(metadata, "app", "a"));
    }
}
