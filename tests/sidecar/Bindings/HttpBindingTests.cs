using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Tests.Sidecar.PubSub;

namespace Tarasol.Tests.Sidecar.Bindings;

public sealed class HttpBindingTests
{
    [Theory]
    [InlineData("create", "POST", "{\"a\":1}")]
    [InlineData("post", "POST", "{\"a\":1}")]
    [InlineData("put", "PUT", "{\"a\":1}")]
    [InlineData("patch", "PATCH", "{\"a\":1}")]
    [InlineData("get", "GET", "")]
    [InlineData("delete", "DELETE", "")]
    [InlineData("options", "OPTIONS", "")]
    [InlineData("trace", "TRACE", "")]
    public async Task Each_operation_is_a_verb(string operation, string verb, string body)
    {
        await using var mesh = await MeshAsync();
        using var answer = await InvokeAsync(mesh, $$$"""{"operation":"{{{operation}}}","data":{"a":1},"metadata":{"path":"/echo/x?y=1","X-Letter":"12"}}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var seen = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(verb, seen.RootElement.GetProperty("verb").GetString());
        Assert.Equal("/echo/x?y=1", seen.RootElement.GetProperty("target").GetString());
        Assert.Equal("12", seen.RootElement.GetProperty("letter").GetString());
        Assert.Equal(body, seen.RootElement.GetProperty("body").GetString());
        Assert.Equal("application/json; charset=utf-8", seen.RootElement.GetProperty("accept").GetString());
        Assert.Equal(body.Length == 0 ? "" : "application/json; charset=utf-8", seen.RootElement.GetProperty("type").GetString());
        Assert.NotEqual("", seen.RootElement.GetProperty("trace").GetString());
    }

    [Fact]
    public async Task Status_and_headers_come_back_as_metadata()
    {
        await using var mesh = await MeshAsync();
        using var answer = await InvokeAsync(mesh, """{"operation":"head","metadata":{"path":"echo"}}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("200", answer.Headers.GetValues("metadata.statusCode").Single());
        Assert.Equal("200 OK", answer.Headers.GetValues("metadata.status").Single());
        Assert.Equal("a, b", answer.Headers.GetValues("metadata.X-Answer").Single());
    }

    [Fact]
    public async Task A_status_outside_2xx_is_an_error_unless_the_request_or_the_component_says_otherwise()
    {
        await using var strict = await MeshAsync();
        using var refused = await InvokeAsync(strict, """{"operation":"get","metadata":{"path":"teapot"}}""");
        Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
        Assert.Contains("error invoking output binding web: received status code 418", await refused.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("418", refused.Headers.GetValues("metadata.statusCode").Single());
        using var taken = await InvokeAsync(strict, """{"operation":"get","metadata":{"path":"teapot","errorIfNot2XX":"false"}}""");
        Assert.Equal("short and stout", await taken.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await using var lenient = await MeshAsync("- { name: errorIfNot2XX, value: \"false\" }");
        using var passed = await InvokeAsync(lenient, """{"operation":"get","metadata":{"path":"teapot"}}""");
        Assert.Equal(HttpStatusCode.OK, passed.StatusCode);
    }

    [Fact]
    public async Task The_security_token_goes_into_its_header()
    {
        await using var mesh = await MeshAsync("- { name: securityToken, value: sesame }", "- { name: securityTokenHeader, value: X-Letter }");
        using var answer = await InvokeAsync(mesh, """{"operation":"get","metadata":{"path":"echo"}}""");
        Assert.Contains("\"letter\":\"sesame\"", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_takes_longer_than_responseTimeout_is_an_error()
    {
        await using var mesh = await MeshAsync("- { name: responseTimeout, value: 100ms }");
        using var answer = await InvokeAsync(mesh, """{"operation":"get","metadata":{"path":"slow"}}""");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("context deadline exceeded", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_is_cut_off_at_maxResponseBodySize()
    {
        await using var mesh = await MeshAsync("- { name: maxResponseBodySize, value: 5 }");
        using var answer = await InvokeAsync(mesh, """{"operation":"get","metadata":{"path":"teapot","errorIfNot2XX":"no"}}""");
        Assert.Equal("short", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_operation_that_is_no_verb_is_refused_with_those_that_are()
    {
        await using var mesh = await MeshAsync();
        using var answer = await InvokeAsync(mesh, """{"operation":"list"}""");
        Assert.Contains("binding web does not support operation list. supported operations:create get head post put patch delete options trace",
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X Letter", "a")]
    [InlineData("X-Letter", "a\\r\\nX-Other: b")]
    public async Task A_header_that_HTTP_cannot_carry_is_refused(string name, string value)
    {
        await using var mesh = await MeshAsync();
        using var answer = await InvokeAsync(mesh, $$$"""{"operation":"get","metadata":{"path":"echo","{{{name}}}":"{{{value}}}"}}""");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("ERR_INVOKE_OUTPUT_BINDING", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_at_the_url_is_an_error_that_names_it()
    {
        await using var mesh = await MeshAsync();
        await mesh.StopAppAsync();
        using var answer = await InvokeAsync(mesh, """{"operation":"get","metadata":{"path":"gone"}}""");
        Assert.Contains("error invoking output binding web: Get \\\"http://127.0.0.1:", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> InvokeAsync(PubSubMesh mesh, string body) => mesh.SendAsync("/v1.0/bindings/web", body);

    private static Task<PubSubMesh> MeshAsync(params string[] metadata) => PubSubMesh.StartAsync(port => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: web }
        spec:
          type: bindings.http
          version: v1
          metadata:
          - { name: url, value: "http://127.0.0.1:{{port}}/" }
          {{string.Join("\n  ", metadata)}}
        """, Configure);

    private static void Configure(WebApplication app)
    {
        app.MapGet("/teapot", () => Results.Text("short and stout", statusCode: 418));
        app.MapGet("/slow", (HttpContext context) => Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted));
        app.MapFallback("/echo/{**rest}", async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            context.Response.Headers.Append("X-Answer", "a");
            context.Response.Headers.Append("X-Answer", "b");
            string Header(string name) => context.Request.Headers[name].ToString();
            return Results.Json(new
            {
                verb = context.Request.Method, target = $"{context.Request.Path}{context.Request.QueryString}", body = await reader.ReadToEndAsync(), letter = Header("X-Letter"),
                type = Header("Content-Type"), accept = Header("Accept"), trace = Header("traceparent"),
            });
        });
    }
}
