using System.Text.Json;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Actors;

/// <summary>How one actor type is hosted.</summary>
internal sealed record ActorTypeOptions
{
    /// <summary>Without a call for this long an actor is deactivated.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(60);

    /// <summary>How long calls under way may go on when the type leaves this host.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>False: calls under way are cut off at once.</summary>
    public bool Drain { get; init; } = true;

    public bool Reentrancy { get; init; }

    public int MaxStackDepth { get; init; } = 32;
}

/// <summary>The answer of an app to GET /dapr/config: which actor types it hosts, and how.</summary>
internal static class ActorConfig
{
    /// <summary>Keys are matched without regard to case, as Go does. A value that cannot be used is reported and the default taken, as daprd does.</summary>
    /// <param name="warn">Receives the name of the setting and its value.</param>
    /// <exception cref="JsonException">Not JSON at all.</exception>
    public static IReadOnlyDictionary<string, ActorTypeOptions> Parse(ReadOnlySpan<byte> json, Action<string, string> warn)
    {
        var types = new Dictionary<string, ActorTypeOptions>();
        var reader = new Utf8JsonReader(json);
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        var defaults = Options(root, new ActorTypeOptions(), warn);
        foreach (var type in Names(root, warn))
            types[type] = defaults;
        if (Find(root, "entitiesConfig") is { ValueKind: JsonValueKind.Array } overrides)
        {
            foreach (var entry in overrides.EnumerateArray())
            {
                // An entry stands for itself: what it leaves out is Dapr's default, not the app-wide value.
                var options = Options(entry, new ActorTypeOptions(), warn);
                foreach (var type in Names(entry, warn).Where(types.ContainsKey))
                    types[type] = options;
            }
        }
        return types;
    }

    private static ActorTypeOptions Options(JsonElement json, ActorTypeOptions defaults, Action<string, string> warn)
    {
        var reentrancy = Find(json, "reentrancy") ?? default;
        return new ActorTypeOptions
        {
            IdleTimeout = Duration(json, "actorIdleTimeout", TimeSpan.Zero, warn) ?? defaults.IdleTimeout,
            DrainTimeout = Duration(json, "drainOngoingCallTimeout", TimeSpan.FromTicks(-1), warn) ?? defaults.DrainTimeout,
            Drain = Flag(json, "drainRebalancedActors", warn) ?? defaults.Drain,
            Reentrancy = Flag(reentrancy, "enabled", warn) ?? defaults.Reentrancy,
            MaxStackDepth = Find(reentrancy, "maxStackDepth") is { } depth
                ? depth.ValueKind == JsonValueKind.Number && depth.TryGetInt32(out var number) && number > 0 ? number : Ignore("maxStackDepth", depth, defaults.MaxStackDepth, warn)
                : defaults.MaxStackDepth,
        };
    }

    private static IEnumerable<string> Names(JsonElement json, Action<string, string> warn)
    {
        if (Find(json, "entities") is not { } entities)
            return [];
        if (entities.ValueKind != JsonValueKind.Array)
            return Ignore<IEnumerable<string>>("entities", entities, [], warn);
        return entities.EnumerateArray()
            .Select(name => name.ValueKind == JsonValueKind.String ? name.GetString()! : Ignore("entities", name, "", warn)).Where(name => name.Length > 0).ToList();
    }

    private static TimeSpan? Duration(JsonElement json, string name, TimeSpan above, Action<string, string> warn)
    {
        if (Find(json, name) is not { } value || (value.ValueKind == JsonValueKind.String && value.ValueEquals("")))
            return null;
        return value.ValueKind == JsonValueKind.String && GoDuration.TryParse(value.GetString(), out var duration) && duration > above
            ? duration : Ignore<TimeSpan?>(name, value, null, warn);
    }

    private static bool? Flag(JsonElement json, string name, Action<string, string> warn) =>
        Find(json, name) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : Ignore<bool?>(name, value, null, warn);

    private static T Ignore<T>(string name, JsonElement value, T instead, Action<string, string> warn)
    {
        warn(name, value.GetRawText());
        return instead;
    }

    private static JsonElement? Find(JsonElement json, string name)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return null;
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && property.Value.ValueKind != JsonValueKind.Null)
                return property.Value;
        }
        return null;
    }
}
