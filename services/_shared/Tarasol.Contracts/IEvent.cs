namespace Tarasol.Contracts;

/// <summary>A published event: a fact that others may rely on. Its record never changes once published; a breaking change is a new version beside it.</summary>
public interface IEvent
{
    /// <summary>Topic and CloudEvents type: <c>&lt;publisher&gt;.&lt;noun&gt;-&lt;past verb&gt;.v&lt;N&gt;</c>.</summary>
    static abstract string Type { get; }

    /// <summary>Fields of the JSON that hold a secret for one reader. The topic is protected in components/*/pubsub.yaml: nobody else may subscribe to it.</summary>
    static virtual IReadOnlyList<string> SecretFields => [];

    /// <summary>CloudEvents subject: id of the entity that the event is about.</summary>
    string Subject { get; }
}

/// <summary>All published events.</summary>
public static class EventTypes
{
    /// <summary>Record type by CloudEvents type.</summary>
    public static IReadOnlyDictionary<string, Type> All { get; } = typeof(IEvent).Assembly.GetTypes()
        .Where(type => type is { IsInterface: false, IsAbstract: false } && type.IsAssignableTo(typeof(IEvent)))
        .ToDictionary(type => (string)type.GetProperty(nameof(IEvent.Type))!.GetValue(null)!);

    /// <summary>The secret fields of each type that has any.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> SecretFields { get; } = All
        .Select(type => (type.Key, Fields: (IReadOnlyList<string>?)type.Value.GetProperty(nameof(IEvent.SecretFields))?.GetValue(null)))
        .Where(type => type.Fields is not null).ToDictionary(type => type.Key, type => type.Fields!);
}
