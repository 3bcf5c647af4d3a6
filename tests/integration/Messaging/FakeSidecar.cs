using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Tarasol.Messaging;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Integration.Messaging;

/// <summary>A sidecar that only knows PublishEvent and can be away or refuse, as the test wants.</summary>
internal sealed class FakeSidecar : IAsyncDisposable
{
    private readonly ConcurrentQueue<EventEnvelope> published = new();
    private WebApplication? app;

    /// <summary>Free until <see cref="StartAsync"/>.</summary>
    public int Port { get; } = FreePort.Next();

    /// <summary>What was accepted, in order.</summary>
    public IReadOnlyList<EventEnvelope> Published => [.. published];

    public IEnumerable<string> Subjects => published.Select(envelope => envelope.Subject);

    /// <summary>What is answered for an event.</summary>
    public Func<EventEnvelope, StatusCode> Answer { get; set; } = _ => StatusCode.OK;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port, listen => listen.Protocols = HttpProtocols.Http2));
        app = builder.Build();
        app.MapPost("/dapr.proto.runtime.v1.Dapr/PublishEvent", PublishAsync);
        await app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
    }

    private async Task PublishAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var frame = body.ToArray();
        var request = PublishEventRequest.Parser.ParseFrom(frame, 5, BinaryPrimitives.ReadInt32BigEndian(frame.AsSpan(1)));
        Assert.Equal("application/cloudevents+json", request.DataContentType);
        var envelope = JsonSerializer.Deserialize<EventEnvelope>(request.Data.Span, EventJson.Options)!;
        Assert.Equal((request.PubsubName, request.Topic), (MessagingSetup.PubSub, envelope.Type));

        var status = Answer(envelope);
        context.Response.ContentType = "application/grpc";
        if (status == StatusCode.OK)
        {
            published.Enqueue(envelope);
            await context.Response.Body.WriteAsync(new byte[5]);
        }
        context.Response.AppendTrailer("grpc-status", ((int)status).ToString(CultureInfo.InvariantCulture));
        context.Response.AppendTrailer("grpc-message", "as the test wants");
    }
}
