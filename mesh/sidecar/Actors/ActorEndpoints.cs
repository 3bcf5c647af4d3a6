using System.Text.Json;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Actors;

/// <summary>The actor API over HTTP.</summary>
internal static class ActorEndpoints
{
    private const string Root = "/v1.0/actors/{actorType}/{actorId}";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods($"{Root}/method/{{method}}", ["GET", "POST", "PUT", "DELETE"], InvokeAsync);
        routes.MapGet($"{Root}/state/{{key}}", GetStateAsync);
        routes.MapMethods($"{Root}/state", ["POST", "PUT"], CommitStateAsync);
        routes.MapMethods($"{Root}/reminders/{{name}}", ["POST", "PUT"], RegisterReminderAsync);
        routes.MapGet($"{Root}/reminders/{{name}}", GetReminderAsync);
        routes.MapDelete($"{Root}/reminders/{{name}}", UnregisterReminderAsync);
        routes.MapMethods($"{Root}/timers/{{name}}", ["POST", "PUT"], RegisterTimerAsync);
        routes.MapDelete($"{Root}/timers/{{name}}", UnregisterTimer);
    }

    public static async Task WriteAsync(HttpResponse response, ActorAnswer answer)
    {
        foreach (var group in answer.Headers.GroupBy(header => header.Key, StringComparer.OrdinalIgnoreCase))
            response.Headers[group.Key] = group.Select(header => header.Value).ToArray();
        response.ContentType = answer.ContentType;
        response.ContentLength = answer.Body.Length;
        await response.Body.WriteAsync(answer.Body, response.HttpContext.RequestAborted);
    }

    private static async Task InvokeAsync(HttpContext context, ActorRouter router)
    {
        var (actor, method) = Address(context);
        ActorNames.RefuseInternal(actor.Type);
        ActorNames.Check(actor.Type, "actorType");
        ActorNames.Check(actor.Id, "actorId");
        method = ActorNames.NormalizeMethod(method);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var headers = context.Request.Headers.Where(header => ActorCall.IsForwarded(header.Key))
            .SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key, value ?? ""));
        var call = new ActorCall(method, body.ToArray(), context.Request.ContentType, [.. headers], ApiPath.RawQuery(context));
        await WriteAsync(context.Response, await router.InvokeAsync(context.App(), actor, call, context.RequestAborted));
    }

    private static async Task GetStateAsync(HttpContext context, ActorHosting hosting)
    {
        var (actor, key) = Address(context);
        ActorNames.RefuseInternal(actor.Type);
        var item = await ActorState.GetAsync(hosting.Of(context.App()), actor, key, context.RequestAborted);
        if (item is null || item.Value.IsEmpty)
        {
            context.Response.StatusCode = 204;
            return;
        }
        if (item.Expires is { } expires)
            context.Response.Headers["metadata.ttlExpireTime"] = StateHttp.Rfc3339(expires);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = item.Value.Length;
        await context.Response.Body.WriteAsync(item.Value, context.RequestAborted);
    }

    private static async Task CommitStateAsync(HttpContext context, ActorHosting hosting)
    {
        var (actor, _) = Address(context);
        ActorNames.RefuseInternal(actor.Type);
        var body = await RequestJson.ReadAsync(context.Request);
        var host = hosting.Of(context.App());
        // An inactive actor is refused before its operations are looked at.
        var operations = body.ValueKind is JsonValueKind.Array or JsonValueKind.Null && !host.IsActive(actor) ? throw ActorErrors.InstanceMissing() : ActorState.Parse(body);
        await ActorState.CommitAsync(host, actor, operations, context.RequestAborted);
        context.Response.StatusCode = 204;
    }

    private static async Task RegisterReminderAsync(HttpContext context, ActorHosting hosting, ActorReminders reminders, TimeProvider time)
    {
        var (actor, name) = Address(context);
        ActorNames.RefuseInternal(actor.Type);
        var request = RequestJson.Reminder(await RequestJson.ReadAsync(context.Request));
        ActorNames.Check(name);
        await reminders.RegisterAsync(hosting.Of(context.App()), actor, name, request, time.GetUtcNow());
        context.Response.StatusCode = 204;
    }

    private static async Task GetReminderAsync(HttpContext context, ActorHosting hosting, ActorReminders reminders)
    {
        var (actor, name) = Address(context);
        ActorNames.RefuseInternal(actor.Type);
        var job = await reminders.FindAsync(hosting.Of(context.App()), actor, name) ?? throw ActorErrors.ReminderNotFound(name);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("actorID", actor.Id);
            json.WriteString("actorType", actor.Type);
            if (job.Data is not null)
            {
                json.WritePropertyName("data");
                json.WriteRawValue(job.Data);
            }
            if (job.DueTime is not null)
                json.WriteString("dueTime", job.DueTime);
            if (job.Schedule is not null)
                json.WriteString("period", job.Schedule);
            if (ActorGrpc.ShownTtl(job) is { } ttl)
                json.WriteString("ttl", ttl);
            json.WriteEndObject();
        }
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = stream.Length;
        await context.Response.Body.WriteAsync(stream.GetBuffer().AsMemory(0, (int)stream.Length), context.RequestAborted);
    }

    private static async Task UnregisterReminderAsync(HttpContext context, ActorHosting hosting, ActorReminders reminders)
    {
        var (actor, name) = Address(context);
        ActorNames.RefuseInternal(actor.Type);
        await reminders.UnregisterAsync(hosting.Of(context.App()), actor, name);
        context.Response.StatusCode = 204;
    }

    private static async Task RegisterTimerAsync(HttpContext context, ActorHosting hosting)
    {
        var (actor, name) = Address(context);
        ActorNames.RefuseInternal(actor.Type);
        var request = RequestJson.Timer(await RequestJson.ReadAsync(context.Request));
        ActorNames.Check(name);
        hosting.Of(context.App()).Timers.Register(actor, name, request);
        context.Response.StatusCode = 204;
    }

    private static void UnregisterTimer(HttpContext context, ActorHosting hosting)
    {
        var (actor, name) = Address(context);
        ActorNames.RefuseInternal(actor.Type);
        hosting.Of(context.App()).Timers.Unregister(actor, name);
        context.Response.StatusCode = 204;
    }

    /// <summary>The host has unescaped the route's values as daprd does.</summary>
    private static (ActorRef Actor, string Last) Address(HttpContext context)
    {
        var values = context.Request.RouteValues;
        return (new ActorRef((string)values["actorType"]!, (string)values["actorId"]!), (string)(values["method"] ?? values["key"] ?? values["name"] ?? ""));
    }
}
