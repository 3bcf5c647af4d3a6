using System.Text.Json;

namespace Dapr.Workflow;

/// <summary>Payloads on the wire: JSON text with web defaults and fields; null is the empty text.</summary>
internal static class WorkflowJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { IncludeFields = true };

    public static string Write(object? value) => value is null ? "" : JsonSerializer.Serialize(value, value.GetType(), Options);

    public static object? Read(string? json, Type type) => string.IsNullOrEmpty(json) ? null : JsonSerializer.Deserialize(json, type, Options);

    public static T? Read<T>(string? json) => string.IsNullOrEmpty(json) ? default : JsonSerializer.Deserialize<T>(json, Options);
}
