using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Actors;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Jobs;

/// <summary>The jobs API over HTTP.</summary>
internal static class JobsHttp
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var version in (string[])["v1.0", "v1.0-alpha1"])
        {
            var route = $"/{version}/jobs/{{name}}";
            routes.MapPost(route, ScheduleAsync);
            routes.MapGet(route, GetAsync);
            routes.MapDelete(route, DeleteAsync);
        }
    }

    private static async Task ScheduleAsync(HttpContext context, string name, JobsApi jobs)
    {
        var app = context.App();
        var body = context.Request.ContentLength == 0 ? JsonDocument.Parse("{}").RootElement : await RequestJson.ReadAsync(context.Request);
        if (body.ValueKind != JsonValueKind.Object)
            throw DaprException.Malformed($"an object is expected, not {body.ValueKind}");
        if (body.Text("name").Length > 0)
            throw JobsApi.Error(app, "DAPR_SCHEDULER_JOB_NAME", 400, StatusCode.InvalidArgument, "Set the job name in the url only");
        uint? repeats = body.Member("repeats") is not { } given ? null
            : given.ValueKind == JsonValueKind.Number && given.TryGetUInt32(out var number) ? number
            : throw DaprException.Malformed($"repeats must be a whole number, not {given.GetRawText()}");
        var overwrite = body.Member("overwrite") is { } flag && (flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean()
            : throw DaprException.Malformed($"overwrite must be true or false, not {flag.GetRawText()}"));
        await jobs.ScheduleAsync(app, new JobRequest(name.Trim(), TextOrNull(body, "schedule"), repeats, TextOrNull(body, "dueTime") ?? TextOrNull(body, "due_time"), TextOrNull(body, "ttl"),
            Data(body), RequestJson.Policy(body.Member("failurePolicy") ?? body.Member("failure_policy")), overwrite));
        context.Response.StatusCode = 204;
    }

    private static async Task GetAsync(HttpContext context, string name, JobsApi jobs)
    {
        var job = await jobs.GetAsync(context.App(), name);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
            Write(json, job);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = stream.Length;
        await context.Response.Body.WriteAsync(stream.GetBuffer().AsMemory(0, (int)stream.Length), context.RequestAborted);
    }

    private static async Task DeleteAsync(HttpContext context, string name, JobsApi jobs)
    {
        await jobs.DeleteAsync(context.App(), name);
        context.Response.StatusCode = 204;
    }

    private static string? TextOrNull(JsonElement body, string name) => body.Member(name) is null ? null : body.Text(name);

    private static Any? Data(JsonElement body) => body.EnumerateObject().FirstOrDefault(property => property.Name == "data") is { Value.ValueKind: not JsonValueKind.Undefined } data
        ? Any.Pack(JsonParser.Default.Parse<Value>(data.Value.GetRawText())) : null;

    /// <summary>As protobuf's JSON writes a dapr.proto.runtime.v1.Job.</summary>
    private static void Write(Utf8JsonWriter json, ScheduledJob job)
    {
        json.WriteStartObject();
        json.WriteString("name", job.Key.Name);
        if (job.Schedule is not null)
            json.WriteString("schedule", job.Schedule);
        if (job.Repeats is { } repeats)
            json.WriteNumber("repeats", repeats);
        if (job.DueTime is not null)
            json.WriteString("dueTime", job.DueTime);
        if (job.Ttl is not null)
            json.WriteString("ttl", job.Ttl);
        if (job.Data is not null)
        {
            var data = Any.Parser.ParseFrom(job.Data);
            json.WriteStartObject("data");
            json.WriteString("@type", data.TypeUrl);
            json.WritePropertyName("value");
            if (data.Is(Value.Descriptor))
                json.WriteRawValue(JsonFormatter.Default.Format(data.Unpack<Value>()));
            else
                json.WriteBase64StringValue(data.Value.Span);
            json.WriteEndObject();
        }
        json.WriteStartObject("failurePolicy");
        if (job.FailurePolicy.Drop)
        {
            json.WriteStartObject("drop");
        }
        else
        {
            json.WriteStartObject("constant");
            json.WriteString("interval", string.Create(CultureInfo.InvariantCulture, $"{job.FailurePolicy.Interval.TotalSeconds:0.#######}s"));
            if (job.FailurePolicy.MaxRetries is { } retries)
                json.WriteNumber("maxRetries", retries);
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
