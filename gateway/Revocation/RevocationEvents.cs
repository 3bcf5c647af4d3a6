using System.Text.Json;
using Dapr;
using Tarasol.Contracts.Identity;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Gateway.Revocation;

/// <summary>The one thing that the gateway hears from the others: tokens that were revoked. Only its own sidecar may tell it, see PublicSurface.</summary>
internal static class RevocationEvents
{
    private static readonly JsonSerializerOptions Json = Options();

    public static void MapRevocationEvents(this WebApplication app)
    {
        app.MapSubscribeHandler().AllowAnonymous();
        app.MapPost($"/events/{AccessRevoked.Type}", async (HttpContext context, RevokedTokens tokens, ILogger<RevokedTokens> log) =>
            {
                try
                {
                    using var envelope = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
                    var tenant = envelope.RootElement.GetProperty("tenantid").GetString() ?? throw new JsonException("tenantid is null");
                    if (envelope.RootElement.GetProperty("source").GetString() != "identity")
                        throw new JsonException("it does not come from identity");
                    var revoked = envelope.RootElement.GetProperty("data").Deserialize<AccessRevoked>(Json)!;
                    tokens.Add(new(tenant, revoked.UserId, revoked.SessionId, revoked.FromVersion, revoked.Until));
                    return Results.Ok();
                }
                catch (Exception malformed) when (malformed is JsonException or KeyNotFoundException or InvalidOperationException)
                {
                    log.LogError("An event on {Type} is not one of ours: {Reason}", AccessRevoked.Type, malformed.Message);
                    return Results.Json(new { status = "DROP" });
                }
            })
            .WithTopic(new TopicOptions { PubsubName = "pubsub", Name = AccessRevoked.Type })
            .AllowAnonymous()
            .ExcludeFromDescription();
    }

    private static JsonSerializerOptions Options()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        TarasolService.Configure(options);
        return options;
    }
}
