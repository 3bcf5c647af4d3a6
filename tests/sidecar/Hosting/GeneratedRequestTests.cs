using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Dapr.Client.Autogen.Grpc.v1;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Sidecar.Hosting;
using Method = Grpc.Core.Method<Google.Protobuf.IMessage, byte[]>;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>Whatever is thrown at the APIs: no 500 without a reason that Dapr has a code for, and the host lives on.</summary>
[Trait("Scale", "large")]
public sealed class GeneratedRequestTests(GeneratedRequestTests.OpenMesh open) : IClassFixture<GeneratedRequestTests.OpenMesh>
{
    private static readonly string[] Verbs = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"];

    private static readonly string[] Words =
    [
        "app", "memory", "sqlite", "pubsub", "files", "secrets", "k", "t", "none", "a||b", "%2F", "%", "%zz", "%00", "..", ".", "~", "حرف", "%D8%AD", "a b", "a+b", "x;y", "*", "{k}", "'", "\"",
        "-1", "0", "99999999999999999999", "http://127.0.0.1:1", "app.default", "app.other.more", "counter", "remind", "method", "bulk", "transaction", "query", "state", "dapr", "%252e%252e", "a%0d%0ab",
    ];

    private static readonly string[] Bodies =
    [
        "", "null", "[]", "{}", "0", "\"\"", "[null]", "{\"keys\":null}", "{\"keys\":[1]}", "{\"keys\":[\"k\"],\"parallelism\":-3}", "[{\"key\":\"k\",\"value\":{\"a\":[1,2,3]}}]", "[{\"key\":1}]",
        "[{\"key\":\"k\",\"value\":1,\"etag\":\"x\",\"options\":{\"concurrency\":\"odd\",\"consistency\":5}}]", "{\"operations\":[{\"operation\":\"upsert\",\"request\":{\"key\":\"k\",\"value\":1}}]}",
        "{\"operations\":[{\"operation\":\"dance\",\"request\":null}]}", "{\"operations\":{}}", "{\"operation\":\"create\",\"data\":\"x\",\"metadata\":{\"fileName\":\"../../x\"}}", "{\"operation\":7}",
        "{\"operation\":\"list\",\"data\":{\"fileName\":5}}", "{\"schedule\":\"@every 1h\",\"data\":1}", "{\"schedule\":\"* *\",\"repeats\":-1}", "{\"dueTime\":\"P1000Y\"}", "{\"dueTime\":\"-1s\",\"ttl\":\"x\"}",
        "{\"period\":\"R5/PT0S\",\"dueTime\":\"0h0m0s0ms\",\"callback\":\"c\"}", "[{\"entryId\":\"1\",\"event\":{},\"contentType\":\"application/json\"}]", "[{\"entryId\":\"1\",\"event\":\"=\",\"contentType\":\"application/octet-stream\"}]",
        "[{\"entryId\":null}]", "{\"specversion\":\"1.0\"}", "{\"id\":{},\"source\":[],\"data\":null}", "{\"resourceId\":\"r\",\"lockOwner\":\"o\",\"expiryInSeconds\":1e400}", "{\"a\":", "\ufeff{}", "{\"a\":\"\\ud800\"}",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "\0\u0001\u0002", "not json at all",
    ];

    private static readonly string[] Types = ["application/json", "application/cloudevents+json", "text/plain", "application/octet-stream", "application/x-protobuf", "nonsense", "application/json; charset=utf-7", ""];

    private static readonly string[] Headers = ["dapr-app-id", "if-match", "traceparent", "tracestate", "authorization", "dapr-reentrancy-id", "content-encoding", "expect", "accept-encoding", "x-http-method-override"];

    private static readonly string[] Queries =
    [
        "", "?", "?metadata.ttlInSeconds=x", "?metadata.rawPayload=true", "?metadata.rawPayload=maybe", "?consistency=odd&concurrency=odd", "?key=a&key=b", "?metadata.=1&metadata.=2", "?%zz", "?metadata.cloudevent.id=",
        "?metadata.contentType=application/json", "?a=b#c",
    ];

    [Property(MaxTest = 600)]
    public Property No_request_is_a_failure_of_the_host()
    {
        var routes = open.Routes.Where(route => !route.Contains("shutdown", StringComparison.Ordinal)).Append("/{a}").Append("/v1.0/invoke/{app}/method/{m}").ToArray();
        var requests =
            from route in Gen.Elements(routes)
            from words in Gen.Elements(Words).ListOf(6)
            from verb in Gen.Elements(Verbs)
            from body in Gen.OneOf(Gen.Elements(Bodies), Gen.Elements(Bodies).Two().Select(two => two.Item1 + two.Item2), ArbMap.Default.ArbFor<string>().Generator.Select(text => text ?? ""))
            from type in Gen.Elements(Types)
            from query in Gen.Elements(Queries)
            from header in Gen.Elements(Headers).Zip(Gen.Elements(Words)).ListOf(2)
            select new Generated(verb, Fill(route, words) + query, body, type, [.. header]);
        return Prop.ForAll(requests.ToArbitrary(), request => Check(request).GetAwaiter().GetResult());
    }

    [Property(MaxTest = 600)]
    public Property No_gRPC_message_is_a_failure_of_the_host()
    {
        var methods = DaprReflection.Descriptor.Services.Single().Methods.Where(method => method.Name is not "Shutdown" && !method.IsClientStreaming).ToArray();
        var calls =
            from method in Gen.Elements(methods)
            from seed in Gen.Choose(0, int.MaxValue)
            select (Method: method, Message: Fill(method.InputType, new Random(seed), 0));
        return Prop.ForAll(calls.ToArbitrary(), call => CheckGrpc(call.Method, call.Message).GetAwaiter().GetResult());
    }

    [Property(MaxTest = 100)]
    public Property No_bytes_on_a_socket_end_the_host()
    {
        var starts = Gen.Elements("GET / HTTP/1.1\r\n", "POST /v1.0/state/memory HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[{", "GET /v1.0/metadata HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "",
            "POST /v1.0/publish/pubsub/t HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "GET http://h/v1.0/metadata HTTP/1.1\r\nHost: h\r\n\r\n");
        var sent = from start in starts from noise in ArbMap.Default.ArbFor<byte[]>().Generator from grpc in Gen.Elements(true, false) select (Bytes: (byte[])[.. Encoding.Latin1.GetBytes(start), .. noise], Grpc: grpc);
        return Prop.ForAll(sent.ToArbitrary(), one => CheckSocket(one.Bytes, one.Grpc).GetAwaiter().GetResult());
    }

    private async Task<bool> Check(Generated generated)
    {
        using var request = new HttpRequestMessage(new HttpMethod(generated.Verb), open.Mesh.Url("app", generated.Target));
        if (generated.Verb is not ("GET" or "HEAD" or "TRACE"))
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(generated.Body));
            if (generated.ContentType.Length > 0)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", generated.ContentType);
        }
        foreach (var (name, value) in generated.Headers)
            request.Headers.TryAddWithoutValidation(name, Uri.EscapeDataString(value));
        // A workflow waits for its worker, and there is none.
        var waits = generated.Target.Contains("/workflows/", StringComparison.Ordinal);
        using var limit = new CancellationTokenSource(waits ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromSeconds(20));
        HttpResponseMessage answer;
        try
        {
            answer = await open.Mesh.Http.SendAsync(request, limit.Token);
        }
        catch (OperationCanceledException) when (waits)
        {
            await AliveAsync(generated);
            return true;
        }
        using var _ = answer;
        var body = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode == HttpStatusCode.InternalServerError && generated.Verb != "HEAD")
        {
            using var json = JsonDocument.Parse(body);
            Assert.True(json.RootElement.GetProperty("errorCode").GetString() is { Length: > 0 } and not "ERR_INTERNAL", $"{generated}: {body}\n{open.Errors}");
        }
        await AliveAsync(generated);
        return true;
    }

    private async Task<bool> CheckGrpc(MethodDescriptor method, IMessage message)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var define = new Method(method.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary, method.Service.FullName, method.Name,
            Marshallers.Create<IMessage>(one => one.ToByteArray(), _ => throw new NotSupportedException()), Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes));
        try
        {
            if (method.IsServerStreaming)
            {
                using var call = open.Grpc.CreateCallInvoker().AsyncServerStreamingCall(define, null, new CallOptions(cancellationToken: limit.Token), message);
                await call.ResponseStream.MoveNext(limit.Token);
            }
            else
            {
                using var call = open.Grpc.CreateCallInvoker().AsyncUnaryCall(define, null, new CallOptions(cancellationToken: limit.Token), message);
                await call;
            }
        }
        catch (RpcException answer)
        {
            Assert.False(answer.Status.Detail is "internal error" || answer.StatusCode is StatusCode.Unknown && answer.Status.Detail.StartsWith("Exception", StringComparison.Ordinal),
                // As bytes: not every message that can be sent can be shown as JSON.
                $"{method.Name} {Convert.ToBase64String(message.ToByteArray())}: {answer.Status}\n{open.Errors}");
        }
        await AliveAsync(method.Name);
        return true;
    }

    private async Task<bool> CheckSocket(byte[] bytes, bool grpc)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, grpc ? open.GrpcPort : open.Mesh.Url("app", "/").Port);
        await socket.GetStream().WriteAsync(bytes);
        socket.Client.Shutdown(SocketShutdown.Send);
        await AliveAsync(Convert.ToHexString(bytes));
        return true;
    }

    private async Task AliveAsync(object after) => Assert.True(await open.Mesh.StatusAsync("app", "/v1.0/healthz") == 204, $"not healthy after {after}\n{open.Errors}");

    private static string Fill(string route, IReadOnlyList<string> words)
    {
        var path = new StringBuilder();
        var next = 0;
        foreach (var segment in route.Split('/').Skip(1))
            path.Append('/').Append(segment.StartsWith('{') ? words[next++ % words.Count].Replace(" ", "%20", StringComparison.Ordinal).Replace("حرف", "%D8%AD%D8%B1%D9%81", StringComparison.Ordinal) : segment);
        return path.ToString();
    }

    private static IMessage Fill(MessageDescriptor type, Random random, int depth)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InFieldNumberOrder().Where(_ => random.Next(3) > 0))
        {
            if (field.IsMap)
            {
                var map = (System.Collections.IDictionary)field.Accessor.GetValue(message);
                if (field.MessageType.Fields.InFieldNumberOrder() is [var key, var value] && key.FieldType == FieldType.String && Value(value, random, depth) is { } item)
                    map[(string)Value(key, random, depth)!] = item;
            }
            else if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var count = random.Next(3); count > 0; count--)
                {
                    if (Value(field, random, depth) is { } item)
                        list.Add(item);
                }
            }
            else if (Value(field, random, depth) is { } single)
            {
                field.Accessor.SetValue(message, single);
            }
        }
        return message;
    }

    private static object? Value(FieldDescriptor field, Random random, int depth) => field.FieldType switch
    {
        FieldType.String => random.Next(4) == 0 ? Bodies[random.Next(Bodies.Length)].Replace("\ud800", "", StringComparison.Ordinal) : Words[random.Next(Words.Length)],
        FieldType.Bytes => ByteString.CopyFromUtf8(Bodies[random.Next(Bodies.Length)]),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 => random.Next(4) == 0 ? int.MinValue : random.Next(-2, 5),
        FieldType.UInt32 => (uint)random.Next(5),
        FieldType.Int64 => random.Next(4) == 0 ? long.MaxValue : random.Next(-2, 5),
        FieldType.UInt64 => random.Next(4) == 0 ? ulong.MaxValue : (ulong)random.Next(5),
        FieldType.Double => random.NextDouble() * 1e300,
        FieldType.Float => random.NextSingle(),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, random.Next(-1, 6)),
        FieldType.Message when depth < 4 => Wrapped(field.MessageType, random, depth),
        _ => null,
    };

    /// <summary>Wrapper types are plain nullable values in C#.</summary>
    private static object? Wrapped(MessageDescriptor type, Random random, int depth) => type.FullName switch
    {
        "google.protobuf.BoolValue" => random.Next(2) == 0,
        "google.protobuf.StringValue" => Words[random.Next(Words.Length)],
        "google.protobuf.Int32Value" => random.Next(-2, 5),
        "google.protobuf.Int64Value" => (long)random.Next(-2, 5),
        "google.protobuf.UInt32Value" => (uint)random.Next(5),
        "google.protobuf.DoubleValue" => random.NextDouble(),
        "google.protobuf.BytesValue" => ByteString.CopyFromUtf8("x"),
        _ => Fill(type, random, depth + 1),
    };

    private sealed record Generated(string Verb, string Target, string Body, string ContentType, IReadOnlyList<(string Name, string Value)> Headers);

    /// <summary>One app with everything that needs no server behind its sidecar.</summary>
    public sealed class OpenMesh : IAsyncLifetime
    {
        internal TestMesh Mesh { get; private set; } = null!;

        internal Grpc.Net.Client.GrpcChannel Grpc { get; private set; } = null!;

        public IReadOnlyList<string> Routes { get; private set; } = [];

        public int GrpcPort { get; private set; }

        public string Errors => string.Join('\n', Mesh.Log.Where(line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Error).TakeLast(3).Select(line => line.Message));

        public async ValueTask InitializeAsync()
        {
            Mesh = await TestMesh.StartAsync(Yaml.All(
                Yaml.Component("memory", "state.in-memory"), Yaml.Component("sqlite", "state.sqlite", ("connectionString", "state.db"), ("actorStateStore", "true")),
                Yaml.Component("pubsub", "pubsub.in-memory"), Yaml.Component("files", "bindings.localstorage", ("rootPath", "files")),
                Yaml.Component("secrets", "secretstores.local.file", ("secretsFile", "secrets.json"))),
                [
                    new TestApp("app", app =>
                    {
                        app.MapGet("/dapr/config", () => Results.Text("""{"entities":["counter"]}""", "application/json"));
                        app.MapGet("/dapr/subscribe", () => Results.Text("""[{"pubsubname":"pubsub","topic":"t","route":"/in"}]""", "application/json"));
                        app.MapFallback(() => Results.Ok());
                    }),
                ],
                files: folder => File.WriteAllText(Path.Combine(folder, "secrets.json"), """{"k":"v"}"""));
            Grpc = Mesh.Grpc("app");
            GrpcPort = Mesh.Host.Ports("app").Grpc;
            Routes = [.. Mesh.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(endpoint => endpoint.RoutePattern.RawText!)
                .Where(route => route.StartsWith("/v1.0", StringComparison.Ordinal)).Distinct()];
        }

        public async ValueTask DisposeAsync()
        {
            Grpc.Dispose();
            await Mesh.DisposeAsync();
        }
    }
}
