using System.Net;
using System.Security.Cryptography.X509Certificates;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Tarasol.Tests.Sidecar.Hosting;
using Tarasol.Tests.Sidecar.PubSub;

namespace Tarasol.Tests.Sidecar.Invocation;

/// <summary>Invocation of what is outside of the mesh: by URL, and by the name of an HTTPEndpoint.</summary>
public sealed class OutsideCallsTests : IAsyncLifetime
{
    private static readonly TestCertificates Certificates = new("the mesh");
    private WebApplication _plain = null!;
    private WebApplication _secure = null!;

    private string Plain => _plain.Urls.First();

    private string Secure => $"https://localhost:{new Uri(_secure.Urls.First()).Port}";

    public async ValueTask InitializeAsync()
    {
        _plain = await ServeAsync(null);
        using var pair = X509Certificate2.CreateFromPem(Certificates.Server, Certificates.ServerKey);
        // Kestrel wants the key in the store's form.
        _secure = await ServeAsync(X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null));
    }

    public async ValueTask DisposeAsync()
    {
        await _plain.DisposeAsync();
        await _secure.DisposeAsync();
    }

    [Fact]
    public async Task A_URL_stands_for_an_app_id_in_the_path_as_in_the_header()
    {
        await using var mesh = await MeshAsync("");

        foreach (var target in (string[])[Plain, Uri.EscapeDataString(Plain)])
        {
            var answer = await mesh.SendAsync("app", "POST", $"/v1.0/invoke/{target}/method/letters/a%20b?x=%20y", """{"n":1}""", "application/json",
                ("x-own", "mine"), ("dapr-api-token", "secret"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
            Assert.Equal(200, answer.Status);
            var seen = answer.Json;
            Assert.Equal(("POST", "/letters/a%20b?x=%20y", """{"n":1}""", "application/json"),
                (seen.GetProperty("method").GetString(), seen.GetProperty("path").GetString(), seen.GetProperty("body").GetString(), seen.GetProperty("content-type").GetString()));
            Assert.Equal("mine", seen.GetProperty("x-own").GetString());
            Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", seen.GetProperty("traceparent").GetString(), StringComparison.Ordinal);
            // Nothing that says who we are leaves the mesh.
            foreach (var header in (string[])["dapr-api-token", "dapr-caller-app-id", "x-forwarded-for", "forwarded", "dapr-app-id"])
                Assert.False(seen.TryGetProperty(header, out _), header);
            Assert.Equal("yes", answer.Headers["x-answer"]);
        }
        Assert.Equal("/by/header", (await mesh.SendAsync("app", "GET", "/by/header", null, "", ("dapr-app-id", Plain))).Json.GetProperty("path").GetString());
        Assert.Equal("/", (await mesh.SendAsync("app", "GET", $"/v1.0/invoke/{Plain}/method/")).Json.GetProperty("path").GetString());
    }

    [Fact]
    public async Task An_answer_comes_back_as_it_is_and_a_failed_call_is_told_in_Daprs_words()
    {
        await using var mesh = await MeshAsync("");

        var refused = await mesh.SendAsync("app", "GET", $"/v1.0/invoke/{Plain}/method/teapot");
        Assert.Equal((418, "short and stout"), (refused.Status, refused.Body));
        var redirect = await mesh.SendAsync("app", "GET", $"/v1.0/invoke/{Plain}/method/moved");
        Assert.Equal((302, "/teapot"), (redirect.Status, redirect.Headers["location"]));
        var nobody = await mesh.SendAsync("app", "GET", "/v1.0/invoke/http://127.0.0.1:1/method/x");
        Assert.Equal((500, "ERR_DIRECT_INVOKE"), (nobody.Status, nobody.ErrorCode));
        Assert.StartsWith("failed to invoke, id: http://127.0.0.1:1, err: ", nobody.Message, StringComparison.Ordinal);
        // An unknown authority is not trusted because the mesh's own apps are.
        var untrusted = await mesh.SendAsync("app", "GET", $"/v1.0/invoke/{Secure}/method/x");
        Assert.Equal((500, "ERR_DIRECT_INVOKE"), (untrusted.Status, untrusted.ErrorCode));
    }

    [Fact]
    public async Task An_HTTPEndpoint_has_its_headers_from_the_secret_store_and_follows_redirects()
    {
        await using var mesh = await MeshAsync($$"""
            apiVersion: dapr.io/v1alpha1
            kind: HTTPEndpoint
            metadata: { name: registry }
            spec:
              baseUrl: {{Plain}}/api
              headers:
              - { name: X-Own, value: of the endpoint }
              - name: Authorization
                secretKeyRef: { name: registry-token, key: registry-token }
            auth: { secretStore: secretstore }
            """);

        var seen = (await mesh.SendAsync("app", "GET", "/v1.0/invoke/registry/method/letters/7?a=1", null, "", ("x-own", "mine"), ("authorization", "Bearer mine"))).Json;
        Assert.Equal(("/api/letters/7?a=1", "of the endpoint", "Bearer sesame"),
            (seen.GetProperty("path").GetString(), seen.GetProperty("x-own").GetString(), seen.GetProperty("authorization").GetString()));
        Assert.Equal(418, (await mesh.SendAsync("app", "GET", "/v1.0/invoke/registry/method/moved")).Status);
        Assert.Equal("registry", (await mesh.SendAsync("app", "GET", "/v1.0/metadata")).Json.GetProperty("httpEndpoints")[0].GetProperty("name").GetString());
        // The other app is not in its scope.
        Assert.Equal(500, (await mesh.SendAsync("other", "GET", "/v1.0/invoke/registry/method/x")).Status);
    }

    [Fact]
    public async Task An_HTTPEndpoint_trusts_its_own_authority_and_shows_its_own_certificate()
    {
        await using var mesh = await MeshAsync($$"""
            apiVersion: dapr.io/v1alpha1
            kind: HTTPEndpoint
            metadata: { name: secure }
            spec:
              baseUrl: {{Secure}}
              clientTLS:
                rootCA: { value: "{{Line(Certificates.Authority)}}" }
                certificate: { value: "{{Line(Certificates.Client)}}" }
                privateKey: { value: "{{Line(Certificates.ClientKey)}}" }
            """);

        Assert.Equal("CN=the mesh", (await mesh.SendAsync("app", "GET", "/v1.0/invoke/secure/method/who")).Body);
    }

    [Fact]
    public async Task Over_gRPC_InvokeService_reaches_the_same()
    {
        await using var mesh = await MeshAsync("");
        using var channel = mesh.Grpc("app");
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);
        InvokeServiceRequest Ask(HTTPExtension.Types.Verb verb) => new() { Id = Plain, Message = new InvokeRequest { Method = "teapot", HttpExtension = new HTTPExtension { Verb = verb } } };

        using var teapot = dapr.InvokeServiceAsync(Ask(HTTPExtension.Types.Verb.Get));
        await Assert.ThrowsAsync<RpcException>(() => teapot.ResponseAsync);
        Assert.Equal("418", (await teapot.ResponseHeadersAsync).GetValue("dapr-http-status"));
        var letters = await dapr.InvokeServiceAsync(new InvokeServiceRequest { Id = Plain, Message = new InvokeRequest { Method = "letters", HttpExtension = new HTTPExtension { Verb = HTTPExtension.Types.Verb.Get } } });
        Assert.Contains("\"path\":\"/letters\"", letters.Data.Value.ToStringUtf8(), StringComparison.Ordinal);
        var without = await Assert.ThrowsAsync<RpcException>(() => dapr.InvokeServiceAsync(Ask(HTTPExtension.Types.Verb.None)).ResponseAsync);
        Assert.Contains("invalid HTTP verb", without.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spec: { baseUrl: 'ftp://x' }", "HTTPEndpoint wrong: baseUrl must be an http or https address")]
    [InlineData("spec: { baseUrl: 'http://x', headers: [ { value: v } ] }", "HTTPEndpoint wrong: a header has no name")]
    [InlineData("spec: { baseUrl: 'http://x', clientTLS: { rootCA: { value: nonsense } } }", "clientTLS.rootCA is not a certificate in PEM form")]
    [InlineData("spec: { baseUrl: 'http://x', clientTLS: { privateKey: { value: k } } }", "clientTLS.privateKey needs clientTLS.certificate, which is missing")]
    [InlineData("spec: { baseUrl: 'http://x', clientTLS: { renegotiation: Always } }", "invalid renegotiation value Always for http endpoint wrong")]
    public async Task An_HTTPEndpoint_that_cannot_be_used_stops_the_start(string spec, string problem)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TestMesh.StartAsync(
            $"apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata: {{ name: wrong }}\n{spec}\n", [new TestApp("app")]));

        Assert.Contains(problem, failure.Message, StringComparison.Ordinal);
    }

    private static string Line(string pem) => pem.Replace("\n", "\\n", StringComparison.Ordinal);

    private static Task<TestMesh> MeshAsync(string endpoint) => TestMesh.StartAsync(
        Yaml.All(Yaml.Component("secretstore", "secretstores.local.file", ("secretsFile", "secrets.json")), endpoint.Length == 0 ? "" : $"{endpoint}\nscopes: [ app ]\n"),
        [new TestApp("app"), new TestApp("other")], files: folder => File.WriteAllText(Path.Combine(folder, "secrets.json"), """{"registry-token":"Bearer sesame"}"""));

    private static async Task<WebApplication> ServeAsync(X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is null)
                return;
            listen.UseHttps(certificate, https =>
            {
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = (_, _, _) => true;
            });
        }));
        var server = builder.Build();
        server.MapGet("/who", (HttpContext context) => context.Connection.ClientCertificate?.Subject ?? "nobody");
        server.MapGet("/teapot", () => Results.Text("short and stout", statusCode: 418));
        server.MapGet("/moved", () => Results.Redirect("/teapot"));
        server.MapGet("/api/moved", () => Results.Redirect("/teapot"));
        server.MapFallback(async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var seen = context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString());
            seen["method"] = context.Request.Method;
            seen["path"] = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            seen["body"] = await reader.ReadToEndAsync();
            context.Response.Headers["x-answer"] = "yes";
            return Results.Json(seen);
        });
        await server.StartAsync();
        return server;
    }
}
