using System.Net;
using System.Text;
using Dapr.Client;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Autogen = Dapr.Client.Autogen.Grpc.v1;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>--max-body-size: 413 over HTTP, RESOURCE_EXHAUSTED over gRPC, and the host goes on.</summary>
public sealed class BodyLimitTests(BodyLimitTests.LimitedMesh limited) : IClassFixture<BodyLimitTests.LimitedMesh>
{
    private const int Limit = 64 * 1024;

    private TestMesh Mesh => limited.Mesh;

    public static TheoryData<string, string> Routes => new()
    {
        { "POST", "/v1.0/state/memory" },
        { "POST", "/v1.0/state/memory/bulk" },
        { "POST", "/v1.0/state/memory/transaction" },
        { "POST", "/v1.0/publish/pubsub/topic" },
        { "POST", "/v1.0/publish/bulk/pubsub/topic" },
        { "PUT", "/v1.0/metadata/key" },
        { "POST", "/v1.0/bindings/none" },
        { "POST", "/v1.0/jobs/name" },
        { "POST", "/v1.0/invoke/echo/method/x" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_body_over_the_limit_is_413_with_an_error_code(string method, string path)
    {
        var answer = await Mesh.SendAsync("echo", method, path, new string('x', Limit + 1));

        Assert.Equal(413, answer.Status);
        Assert.Equal("ERR_BODY_READ", answer.ErrorCode);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task A_body_over_the_limit_that_does_not_say_its_length_is_413_too(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Mesh.Url("echo", path)) { Content = new Chunks(Limit * 2) };
        using var answer = await Mesh.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task A_body_of_just_the_limit_passes()
    {
        var answer = await Mesh.SendAsync("echo", "POST", "/v1.0/invoke/echo/method/x", new string('x', Limit));

        Assert.Equal((200, Limit), (answer.Status, answer.Body.Length));
    }

    [Fact]
    public async Task A_gRPC_message_over_the_limit_is_RESOURCE_EXHAUSTED_and_the_connection_lives_on()
    {
        using var channel = Mesh.Grpc("echo");
        var dapr = new Autogen.Dapr.DaprClient(channel);

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await dapr.InvokeServiceAsync(new Autogen.InvokeServiceRequest
        {
            Id = "echo",
            Message = new Autogen.InvokeRequest
            {
                Method = "x",
                HttpExtension = new Autogen.HTTPExtension { Verb = Autogen.HTTPExtension.Types.Verb.Post },
                Data = new Any { Value = ByteString.CopyFrom(new byte[Limit + 1]) },
            },
        }));
        var metadata = await dapr.GetMetadataAsync(new Autogen.GetMetadataRequest());

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Equal("echo", metadata.Id);
    }

    [Fact]
    public async Task A_head_over_the_read_buffer_is_431()
    {
        var answer = await Mesh.SendAsync("echo", "GET", "/v1.0/metadata", null, "", ("x-long", new string('x', 20_000)));

        Assert.Equal(431, answer.Status);
    }

    /// <summary>A body without a Content-Length.</summary>
    private sealed class Chunks(int length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var part = Encoding.ASCII.GetBytes(new string('x', 8192));
            for (var sent = 0; sent < length; sent += part.Length)
                await stream.WriteAsync(part);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>One mesh for all of these.</summary>
    public sealed class LimitedMesh : IAsyncLifetime
    {
        internal TestMesh Mesh { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Mesh = await TestMesh.StartAsync(
            Yaml.All(Yaml.Component("memory", "state.in-memory"), Yaml.Component("pubsub", "pubsub.in-memory")),
            [new TestApp("echo", app => app.MapFallback(async context => await context.Request.Body.CopyToAsync(context.Response.Body)))],
            options: options => options with { MaxBodySize = Limit });

        public ValueTask DisposeAsync() => Mesh.DisposeAsync();
    }
}
