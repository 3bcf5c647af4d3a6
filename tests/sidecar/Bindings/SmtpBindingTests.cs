using System.Net;
using Tarasol.Tests.Sidecar.PubSub;
using static Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace Tarasol.Tests.Sidecar.Bindings;

public sealed class SmtpBindingTests
{
    [Fact]
    public async Task A_mail_has_the_addresses_of_the_component_and_those_of_the_request()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var mesh = await MeshAsync(sink, "- { name: emailFrom, value: letters@tarasol.example }", "- { name: emailCC, value: archive@tarasol.example }", "- { name: subject, value: Letter }");
        using var sent = await mesh.SendAsync("/v1.0/bindings/email", """
            {"operation":"create","data":"<p>كتاب &amp; letter</p>","metadata":{"emailTo":"a@example.org; \"Bee\" <b@example.org>","emailBCC":"hidden@example.org","subject":"كتاب وارد","priority":"1"}}
            """);
        Assert.Equal(HttpStatusCode.NoContent, sent.StatusCode);
        var mail = Assert.Single(sink.Mails);
        Assert.Equal("letters@tarasol.example", mail.From);
        Assert.Equal(["a@example.org", "b@example.org", "archive@tarasol.example", "hidden@example.org"], mail.To);
        Assert.Equal("كتاب وارد", mail.Message.Subject);
        Assert.Equal("1", mail.Message.Headers["X-Priority"]);
        Assert.Equal("text/html", mail.Message.Body!.ContentType.MimeType);
        Assert.Equal("<p>كتاب &amp; letter</p>", mail.Message.HtmlBody!.TrimEnd());
        Assert.Empty(mail.Message.Bcc);
    }

    [Fact]
    public async Task What_one_request_says_is_gone_with_the_next()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var mesh = await MeshAsync(sink, "- { name: emailFrom, value: letters@tarasol.example }", "- { name: emailTo, value: desk@tarasol.example }", "- { name: subject, value: Letter }");
        using var first = await mesh.SendAsync("/v1.0/bindings/email", """{"operation":"create","data":"one","metadata":{"emailCC":"other@example.org","subject":"Mine"}}""");
        using var second = await mesh.SendAsync("/v1.0/bindings/email", """{"operation":"create","data":"two"}""");
        var mail = sink.Mails.Last();
        Assert.Equal("Letter", mail.Message.Subject);
        Assert.Equal(["desk@tarasol.example"], mail.To);
        Assert.Equal("3", mail.Message.Headers["X-Priority"]);
    }

    [Fact]
    public async Task Over_grpc_the_data_is_the_text_itself()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var mesh = await MeshAsync(sink, "- { name: emailFrom, value: letters@tarasol.example }", "- { name: subject, value: Letter }");
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress($"http://127.0.0.1:{mesh.GrpcPort}");
        var request = new Dapr.Client.Autogen.Grpc.v1.InvokeBindingRequest { Name = "email", Operation = "create", Data = Google.Protobuf.ByteString.CopyFromUtf8("<b>plain</b>"), Metadata = { ["emailTo"] = "a@example.org" } };
        await new DaprClient(channel).InvokeBindingAsync(request, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("<b>plain</b>", Assert.Single(sink.Mails).Message.HtmlBody!.TrimEnd());
    }

    [Theory]
    [InlineData("""{"subject":"s"}""", "smtp binding error: emailTo property not supplied in configuration- or request-metadata")]
    [InlineData("""{"emailTo":"a@example.org"}""", "smtp binding error: subject property not supplied in configuration- or request-metadata")]
    [InlineData("""{"emailTo":"a@example.org","subject":"s","priority":"9"}""", "smtp binding error:  priority value must be between 1 (highest) and 5 (lowest)")]
    [InlineData("""{"emailTo":"nobody","subject":"s\r\nBcc: x@example.org","emailFrom":"no address"}""", "error from smtp binding, sending email failed: gomail: invalid address")]
    public async Task A_mail_that_cannot_be_made_is_refused_with_the_reason(string metadata, string reason)
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var mesh = await MeshAsync(sink, "- { name: emailFrom, value: letters@tarasol.example }");
        using var sent = await mesh.SendAsync("/v1.0/bindings/email", $$"""{"operation":"create","data":"x","metadata":{{metadata}}}""");
        Assert.Equal(HttpStatusCode.InternalServerError, sent.StatusCode);
        var body = await sent.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("ERR_INVOKE_OUTPUT_BINDING", body, StringComparison.Ordinal);
        Assert.Contains($"error invoking output binding email: {reason}", body, StringComparison.Ordinal);
        Assert.Empty(sink.Mails);
    }

    [Fact]
    public async Task A_header_cannot_be_smuggled_in_by_the_subject()
    {
        await using var sink = await SmtpSink.StartAsync();
        await using var mesh = await MeshAsync(sink, "- { name: emailFrom, value: letters@tarasol.example }", "- { name: emailTo, value: desk@tarasol.example }");
        using var sent = await mesh.SendAsync("/v1.0/bindings/email", """{"operation":"create","data":"x","metadata":{"subject":"hello\r\nReply-To: thief@example.org"}}""");
        Assert.Equal(HttpStatusCode.NoContent, sent.StatusCode);
        Assert.Empty(Assert.Single(sink.Mails).Message.ReplyTo);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_login_gets_user_and_password()
    {
        await using var sink = await SmtpSink.StartAsync(password: "right");
        await using var mesh = await MeshAsync(sink, "- { name: user, value: clerk }", "- { name: password, value: right }", "- { name: emailFrom, value: a@b.example }", "- { name: emailTo, value: c@d.example }", "- { name: subject, value: s }");
        using var sent = await mesh.SendAsync("/v1.0/bindings/email", """{"operation":"create","data":"x"}""");
        Assert.Equal(HttpStatusCode.NoContent, sent.StatusCode);
        Assert.Equal("clerk", Assert.Single(sink.Users));
    }

    [Theory]
    [InlineData("true", HttpStatusCode.NoContent)]
    [InlineData("false", HttpStatusCode.InternalServerError)]
    public async Task A_certificate_that_nobody_signed_is_taken_only_with_skipTLSVerify(string skip, HttpStatusCode expected)
    {
        await using var sink = await SmtpSink.StartAsync(secure: true);
        await using var mesh = await MeshAsync(sink, $"- {{ name: skipTLSVerify, value: \"{skip}\" }}", "- { name: emailFrom, value: a@b.example }", "- { name: emailTo, value: c@d.example }", "- { name: subject, value: s }");
        using var sent = await mesh.SendAsync("/v1.0/bindings/email", """{"operation":"create","data":"x"}""");
        Assert.Equal(expected, sent.StatusCode);
    }

    [Fact]
    public async Task A_mail_server_that_is_away_gives_an_error_and_the_host_lives_on()
    {
        var sink = await SmtpSink.StartAsync();
        await using var mesh = await MeshAsync(sink, "- { name: emailFrom, value: a@b.example }", "- { name: emailTo, value: c@d.example }", "- { name: subject, value: s }");
        await sink.DisposeAsync();
        using var sent = await mesh.SendAsync("/v1.0/bindings/email", """{"operation":"create","data":"x"}""");
        Assert.Contains("error from smtp binding, sending email failed", await sent.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await mesh.HealthyAsync();
    }

    private static Task<PubSubMesh> MeshAsync(SmtpSink sink, params string[] metadata) => PubSubMesh.StartAsync($$"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: email }
        spec:
          type: bindings.smtp
          version: v1
          metadata:
          - { name: host, value: 127.0.0.1 }
          - { name: port, value: "{{sink.Port}}" }
          {{string.Join("\n  ", metadata)}}
        """, new RecordingApp("[]").Configure);
}
