using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Tests.Sidecar.PubSub;

public class CloudEventEnvelopeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly (string TraceParent, string TraceState) Trace = ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "k=v");

    [Fact]
    public void Json_is_embedded_and_every_attribute_is_there()
    {
        var json = Wrap("{\"a\":12345678901234567890.10}", "application/json; charset=utf-8");
        Assert.Equal("""
            {"data":{"a":12345678901234567890.10},"datacontenttype":"application/json; charset=utf-8","id":"given","pubsubname":"pubsub","source":"app","specversion":"1.0","time":"2026-03-01T10:00:00Z","topic":"t/1","traceid":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tracestate":"k=v","type":"com.dapr.event.sent"}
            """, json);
    }

    [Theory]
    [InlineData("application/json", "{\"a\":", "\"{\\\"a\\\":\"")]
    [InlineData("application/json", "", "\"\"")]
    [InlineData("application/json", "null", "null")]
    [InlineData("APPLICATION/JSON", "[1, 2]", "[1, 2]")]
    [InlineData("application/json", "1 rest", "1")]
    [InlineData("application/vnd.x+json", "{}", "\"{}\"")]
    [InlineData("text/xml", "<a/>", "\"<a/>\"")]
    [InlineData(null, "مرحبا", "\"مرحبا\"")]
    [InlineData("", "x", "\"x\"")]
    public void Data_is_json_or_text_as_its_content_type_says(string? contentType, string body, string data) =>
        Assert.Equal(data, Parse(Wrap(body, contentType)).GetProperty("data").GetRawText());

    [Theory]
    [InlineData("application/octet-stream")]
    [InlineData("Application/Octet-Stream; x=y")]
    [InlineData("application/cloudevents+protobuf")]
    public void Binary_data_is_base64(string contentType)
    {
        var envelope = Parse(Encoding.UTF8.GetString(New([0, 1, 2, 255], contentType).ToBytes()));
        Assert.Equal("AAEC/w==", envelope.GetProperty("data_base64").GetString());
        Assert.False(envelope.TryGetProperty("data", out _));
    }

    [Fact]
    public void Bytes_that_are_not_utf8_become_replacement_characters_one_for_each()
    {
        var envelope = Parse(Encoding.UTF8.GetString(New([0x61, 0xE2, 0x82, 0x62], "text/plain").ToBytes()));
        Assert.Equal("a��b", envelope.GetProperty("data").GetString());
    }

    [Fact]
    public void Overrides_name_attributes_in_any_case_and_empty_ones_fall_back()
    {
        var envelope = New("x"u8.ToArray(), null, new()
        {
            ["CloudEvent.ID"] = "7", ["cloudevent.source"] = "", ["cloudevent.type"] = "", ["cloudevent.subject"] = "s", ["cloudevent.traceparent"] = "tp", ["cloudevent.tracestate"] = "ts",
        });
        Assert.Equal(("7", "Dapr", "com.dapr.event.sent", "s", "tp", "tp", "ts"),
            (envelope.Id, envelope.Text("source"), envelope.Text("type"), envelope.Text("subject"), envelope.Text("traceparent"), envelope.Text("traceid"), envelope.Text("tracestate")));
    }

    [Fact]
    public void An_event_that_is_one_already_keeps_everything_but_topic_and_pubsub()
    {
        var envelope = Complete("""{"specversion":"1.0","id":"i","type":"letter.v9","source":"s","tenantid":"acme","topic":"other","pubsubname":"other","traceid":"mine","n":1.50,"data":{"k":"<&>"}}""");
        Assert.Equal(("i", "letter.v9", "s", "acme", "t/1", "pubsub", "mine", null), (envelope.Id, envelope.Text("type"), envelope.Text("source"), envelope.Text("tenantid"),
            envelope.Text("topic"), envelope.Text("pubsubname"), envelope.Text("traceid"), envelope.Text("traceparent")));
        var json = Encoding.UTF8.GetString(envelope.ToBytes());
        Assert.Contains("\"n\":1.50", json, StringComparison.Ordinal);
        Assert.Contains("\"data\":{\"k\":\"<&>\"}", json, StringComparison.Ordinal);
    }

    [Fact]
    public void An_incomplete_event_is_completed_but_gets_no_id()
    {
        var envelope = Complete("""{"data":1,"source":null}""");
        Assert.Equal((null, "Dapr", "com.dapr.event.sent", "1.0", "2026-03-01T10:00:00Z", Trace.TraceParent, Trace.TraceParent, Trace.TraceState),
            (envelope.Id, envelope.Text("source"), envelope.Text("type"), envelope.Text("specversion"), envelope.Text("time"),
                envelope.Text("traceid"), envelope.Text("traceparent"), envelope.Text("tracestate")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("[1]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    public void What_is_no_json_object_is_no_event(string body) => Assert.Throws<FormatException>(() => Complete(body));

    [Theory]
    [InlineData("60", "2026-03-01T10:01:00Z")]
    [InlineData("1m30s", "2026-03-01T10:01:30Z")]
    [InlineData("9223372036854775807", "*")]
    [InlineData("0", "2026-03-01T10:00:00Z")]
    [InlineData("-5", null)]
    [InlineData("soon", null)]
    [InlineData("", null)]
    public void A_time_to_live_becomes_an_expiration_unless_it_makes_no_sense(string ttl, string? expiration)
    {
        var envelope = New("x"u8.ToArray(), null);
        envelope.ExpireAfter(new Dictionary<string, string> { ["TTLInSeconds"] = ttl }, Now);
        if (expiration == "*")
        {
            Assert.NotNull(envelope.Text("expiration"));
            return;
        }
        Assert.Equal(expiration, envelope.Text("expiration"));
    }

    [Fact]
    public void An_event_expires_after_its_expiration()
    {
        var envelope = Complete("""{"expiration":"2026-03-01T13:00:00+03:00"}""");
        Assert.False(envelope.HasExpired(Now));
        Assert.True(envelope.HasExpired(Now.AddSeconds(1)));
        Assert.False(Complete("""{"expiration":"never"}""").HasExpired(Now));
    }

    [Property]
    public void Any_text_comes_back_as_it_went_in(NonNull<string> text)
    {
        var valid = string.Concat(text.Get.EnumerateRunes());
        var stored = New(Encoding.UTF8.GetBytes(valid), "text/plain").ToBytes();
        Assert.Equal(valid, CloudEventEnvelope.Parse(stored).Text("data"));
    }

    [Property]
    public void Any_bytes_come_back_as_they_went_in(byte[] bytes)
    {
        var stored = New(bytes ?? [], "application/octet-stream").ToBytes();
        Assert.Equal(bytes ?? [], CloudEventEnvelope.Parse(stored).Attributes["data_base64"].GetBytesFromBase64());
    }

    private static CloudEventEnvelope New(byte[] body, string? contentType, Dictionary<string, string>? metadata = null) =>
        CloudEventEnvelope.Wrap(body, contentType, "t/1", "pubsub", "app", new(Trace.TraceParent, Trace.TraceState), metadata ?? new() { ["cloudevent.id"] = "given" }, Now);

    private static CloudEventEnvelope Complete(string body) =>
        CloudEventEnvelope.Complete(Encoding.UTF8.GetBytes(body), "t/1", "pubsub", new(Trace.TraceParent, Trace.TraceState), Now);

    private static string Wrap(string body, string? contentType) => Encoding.UTF8.GetString(New(Encoding.UTF8.GetBytes(body), contentType).ToBytes());

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
