namespace Tarasol.Sidecar.PubSub;

/// <summary>
/// Which topics an app may use of a component: allowedTopics, protectedTopics, publishingScopes, subscriptionScopes (wire: 6.1).
/// Scopes read <c>app1=t1,t2;app2=t3;app3=</c>; an app that is not listed may use every topic that is not protected.
/// </summary>
internal static class TopicScopes
{
    public static bool MayPublish(IReadOnlyDictionary<string, string> metadata, string appId, string topic) => IsAllowed(metadata, "publishingScopes", appId, topic);

    public static bool MaySubscribe(IReadOnlyDictionary<string, string> metadata, string appId, string topic) => IsAllowed(metadata, "subscriptionScopes", appId, topic);

    private static bool IsAllowed(IReadOnlyDictionary<string, string> metadata, string scope, string appId, string topic)
    {
        if (Topics(metadata, "allowedTopics") is { } allowed && !allowed.Contains(topic))
        {
            return false;
        }
        var scoped = Scope(metadata, scope, appId);
        return scoped is null && Topics(metadata, "protectedTopics")?.Contains(topic) != true
            || scoped?.Contains(topic) == true;
    }

    private static string[]? Topics(IReadOnlyDictionary<string, string> metadata, string key) => Value(metadata, key)?.Split(',');

    private static List<string>? Scope(IReadOnlyDictionary<string, string> metadata, string key, string appId)
    {
        List<string>? topics = null;
        foreach (var app in Value(metadata, key)?.Split(';') ?? [])
        {
            if (app.Split('=') is [var name, var list, ..] && name == appId)
            {
                (topics ??= []).AddRange(list.Split(','));
            }
        }
        return topics;
    }

    private static string? Value(IReadOnlyDictionary<string, string> metadata, string key)
    {
        foreach (var (name, value) in metadata)
        {
            if (name.Equals(key, StringComparison.OrdinalIgnoreCase) && value.Replace(" ", "", StringComparison.Ordinal) is { Length: > 0 } text)
            {
                return text;
            }
        }
        return null;
    }
}
