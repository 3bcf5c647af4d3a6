using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace Tarasol.ServiceDefaults.Logging;

/// <summary>One JSON line an event in the Elastic Common Schema 8, so that any log shipper can carry it to Elasticsearch.</summary>
/// <param name="service">service.name of every line.</param>
internal sealed partial class EcsFormatter(string service) : ITextFormatter
{
    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}", CultureInfo.InvariantCulture);
    private static readonly ScalarValue Hidden = new("***");
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Format(LogEvent logEvent, TextWriter output)
    {
        logEvent = WithoutSecrets(logEvent);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
            Write(json, logEvent);
        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    // Nothing should log a secret; whoever does it by mistake does not get it into the files.
    private static LogEvent WithoutSecrets(LogEvent logEvent) => logEvent.Properties.Keys.Any(SecretName().IsMatch)
        ? new(
            logEvent.Timestamp, logEvent.Level, logEvent.Exception, logEvent.MessageTemplate,
            logEvent.Properties.Select(property => SecretName().IsMatch(property.Key) ? new(property.Key, Hidden) : new LogEventProperty(property.Key, property.Value)),
            logEvent.TraceId.GetValueOrDefault(), logEvent.SpanId.GetValueOrDefault())
        : logEvent;

    private void Write(Utf8JsonWriter json, LogEvent logEvent)
    {
        json.WriteStartObject();
        json.WriteString("@timestamp", logEvent.Timestamp.UtcDateTime);
        json.WriteString("log.level", Level(logEvent.Level));
        using var message = new StringWriter(CultureInfo.InvariantCulture);
        Message.Format(logEvent, message);
        json.WriteString("message", message.ToString());
        json.WriteString("ecs.version", "8.11.0");
        json.WriteString("service.name", service);
        if (logEvent.TraceId is { } trace)
            json.WriteString("trace.id", trace.ToHexString());
        if (logEvent.SpanId is { } span)
            json.WriteString("span.id", span.ToHexString());
        if (logEvent.Properties.TryGetValue("SourceContext", out var logger) && logger is ScalarValue { Value: string name })
            json.WriteString("log.logger", name);
        if (logEvent.Exception is { } exception)
        {
            json.WriteString("error.type", exception.GetType().FullName);
            json.WriteString("error.message", exception.Message);
            json.WriteString("error.stack_trace", exception.ToString());
        }
        json.WriteStartObject("labels");
        foreach (var (key, value) in logEvent.Properties)
        {
            if (key is not ("SourceContext" or "EventId" or "ConnectionId"))
                json.WriteString(key, value is ScalarValue { Value: string text } ? text : value.ToString(null, CultureInfo.InvariantCulture));
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    [GeneratedRegex("(Password|Secret|Token|Authorization|ConnectionString|(Signing|Encryption|Private|Api)Key)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    private static string Level(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warn",
        LogEventLevel.Error => "error",
        _ => "fatal",
    };
}
