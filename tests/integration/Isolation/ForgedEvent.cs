using System.Collections;
using System.Text;
using System.Text.Json;
using Tarasol.Messaging;

namespace Tarasol.Tests.Integration.Isolation;

/// <summary>Events that nobody published.</summary>
internal static class ForgedEvent
{
    /// <summary>An event record in which every id, name and tenant is as given.</summary>
    public static JsonElement Of(Type record, string id, string name, string slug) =>
        JsonSerializer.SerializeToElement(Make(record, "", id, name, slug), record, EventJson.Options);

    /// <summary>A CloudEvent as the sidecar brings it.</summary>
    public static HttpContent Envelope(string type, JsonElement data, string tenant)
    {
        var envelope = new EventEnvelope(
            Guid.CreateVersion7().ToString(), type.Split('.')[0], type, Guid.CreateVersion7().ToString(), DateTimeOffset.UtcNow, tenant, "somebody", null, data);
        return new StringContent(JsonSerializer.Serialize(envelope, EventJson.Options), Encoding.UTF8, "application/cloudevents+json");
    }

    private static object? Make(Type type, string member, string id, string name, string slug)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Guid))
            return Guid.Parse(id);
        if (type == typeof(string))
            return member switch { "Slug" => slug, "Decision" => "approve", "Confidentiality" => "normal", _ => name };
        if (type == typeof(DateTimeOffset))
            return DateTimeOffset.UtcNow;
        if (type == typeof(DateOnly))
            return new DateOnly(2026, 1, 31);
        if (type == typeof(bool))
            return true;
        if (type.IsPrimitive)
            return Convert.ChangeType(1, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.IsAssignableTo(typeof(IEnumerable)))
        {
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(type.GenericTypeArguments))!;
            list.Add(Make(type.GenericTypeArguments[0], member, id, name, slug));
            return list;
        }
        if (type.GetConstructors() is [var constructor, ..] && type.Namespace!.StartsWith("Tarasol", StringComparison.Ordinal))
            return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, parameter.Name!, id, name, slug))]);
        throw new NotSupportedException($"This test does not know how to forge {type.Name} {member}.");
    }
}
