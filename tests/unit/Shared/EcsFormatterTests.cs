using System.Text.Json;
using FsCheck.Xunit;
using Serilog;
using Serilog.Core;
using Tarasol.ServiceDefaults.Logging;

namespace Tarasol.Tests.Unit.Shared;

public class EcsFormatterTests
{
    [Fact]
    public void A_line_has_the_fields_of_the_Elastic_Common_Schema()
    {
        var line = Line(log => log.ForContext(Constants.SourceContextPropertyName, "Tarasol.X").Warning("Series {Series} is {State}", "incoming", "full"));
        Assert.Equal("warn", line.GetProperty("log.level").GetString());
        Assert.Equal("Series incoming is full", line.GetProperty("message").GetString());
        Assert.Equal("audit", line.GetProperty("service.name").GetString());
        Assert.Equal("Tarasol.X", line.GetProperty("log.logger").GetString());
        Assert.Equal("incoming", line.GetProperty("labels").GetProperty("Series").GetString());
        Assert.True(line.GetProperty("@timestamp").TryGetDateTimeOffset(out _));
        Assert.False(line.TryGetProperty("error.type", out _));
    }

    [Fact]
    public void An_error_is_told_with_its_type_and_stack()
    {
        var line = Line(log => log.Error(new InvalidOperationException("broken \"here\"\nand there"), "failed"));
        Assert.Equal("System.InvalidOperationException", line.GetProperty("error.type").GetString());
        Assert.Equal("broken \"here\"\nand there", line.GetProperty("error.message").GetString());
        Assert.Contains("broken", line.GetProperty("error.stack_trace").GetString(), StringComparison.Ordinal);
    }

    [Property]
    public bool Whatever_is_logged_stays_one_line_of_JSON(string? text, int number)
    {
        var line = Line(log => log.Information("{Text} {Number} {List}", text, number, new[] { text }));
        return line.GetProperty("message").GetString() is not null;
    }

    [Theory]
    [InlineData("Password")]
    [InlineData("ClientSecret")]
    [InlineData("ApiToken")]
    [InlineData("AccessToken")]
    [InlineData("Authorization")]
    [InlineData("ConnectionString")]
    [InlineData("SigningKey")]
    public void The_value_of_a_property_that_is_named_like_a_secret_is_not_written(string property)
    {
        var line = Line(log => log.Information($"Got {{{property}}} from {{User}}", "hunter2", "salma"));
        Assert.DoesNotContain("hunter2", line.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("Got *** from salma", line.GetProperty("message").GetString());
    }

    private static JsonElement Line(Action<ILogger> write)
    {
        var sink = new Lines();
        using (var log = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger())
            write(log);
        using var document = JsonDocument.Parse(Assert.Single(sink.All.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        return document.RootElement.Clone();
    }

    private sealed class Lines : ILogEventSink
    {
        private readonly EcsFormatter formatter = new("audit");

        public StringWriter All { get; } = new();

        public void Emit(Serilog.Events.LogEvent logEvent) => formatter.Format(logEvent, All);
    }
}
