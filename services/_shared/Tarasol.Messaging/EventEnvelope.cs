using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tarasol.Messaging;

/// <summary>A CloudEvent (1.0, JSON format) as Tarasol publishes it.</summary>
/// <param name="Id">The outbox row's id.</param>
/// <param name="Source">App-id of the publisher.</param>
/// <param name="Type">Topic.</param>
/// <param name="Subject">Id of the entity.</param>
/// <param name="Time">When it happened.</param>
/// <param name="TenantId">Slug of the tenant (extension attribute).</param>
/// <param name="Actor">User name of the person who caused it, or the publisher's app-id (extension attribute).</param>
/// <param name="TraceParent">W3C trace context (distributed tracing extension).</param>
/// <param name="Data">The event record.</param>
public sealed record EventEnvelope(
    string Id,
    string Source,
    string Type,
    string Subject,
    DateTimeOffset Time,
    [property: JsonPropertyName("tenantid")] string TenantId,
    string Actor,
    [property: JsonPropertyName("traceparent")] string? TraceParent,
    JsonElement Data)
{
    /// <summary>CloudEvents version.</summary>
    [JsonPropertyName("specversion")]
    public string SpecVersion { get; init; } = "1.0";

    /// <summary>Media type of <see cref="Data"/>.</summary>
    [JsonPropertyName("datacontenttype")]
    public string DataContentType { get; init; } = "application/json";
}
