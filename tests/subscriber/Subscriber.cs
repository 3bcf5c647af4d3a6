using System.Net;
using System.Text.Json;

namespace Tarasol.Tests.Subscriber;

/// <summary>
/// An app that subscribes with an inbox, as the services do: the mark that an event was seen and the event's effect are one transaction. Events with "poison" fail each time
/// and are recorded when they come by the dead letter topic.
/// </summary>
public static class Subscriber
{
    private const string Subscriptions = """
        [{"pubsubname":"pubsub","topic":"letters","route":"/letters","deadLetterTopic":"letters-dead"},{"pubsubname":"pubsub","topic":"letters-dead","route":"/dead"}]
        """;

    /// <summary>Arguments: the port, and the path of the SQLite file.</summary>
    public static async Task Main(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        using var inbox = new Inbox(args[1]);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, int.Parse(args[0], null)));
        await using var app = builder.Build();
        app.MapGet("/dapr/subscribe", () => Results.Text(Subscriptions, "application/json"));
        app.MapPost("/letters", async (HttpRequest request) =>
        {
            var letter = await ReadAsync(request);
            if (letter.Poison)
                return Results.StatusCode(500);
            inbox.Handle(letter.Id, letter.Number, "handled");
            return Results.Ok();
        });
        app.MapPost("/dead", async (HttpRequest request) =>
        {
            var letter = await ReadAsync(request);
            inbox.Handle($"dead-{letter.Id}", letter.Number, "dead");
            return Results.Ok();
        });
        await app.RunAsync();
    }

    private static async Task<(string Id, int Number, bool Poison)> ReadAsync(HttpRequest request)
    {
        using var body = await JsonDocument.ParseAsync(request.Body);
        var data = body.RootElement.GetProperty("data");
        return (body.RootElement.GetProperty("id").GetString()!, data.GetProperty("number").GetInt32(), data.GetProperty("poison").GetBoolean());
    }
}
