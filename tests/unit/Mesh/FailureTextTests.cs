using Tarasol.Mesh.Up;

namespace Tarasol.Tests.Unit.Mesh;

public sealed class FailureTextTests
{
    [Fact]
    public void An_unhandled_exception_says_why() =>
        Assert.Equal("System.IO.IOException: disk full", FailureText.Find(["starting", "Unhandled exception. System.IO.IOException: disk full", "   at Somewhere()"]));

    [Fact]
    public void The_last_error_of_a_structured_log_says_why() => Assert.Equal("cannot start port in use", FailureText.Find(
        ["""{"log.level":"error","message":"cannot start","error.message":"port in use"}""", """{"log.level":"info","message":"bye"}"""]));

    [Fact]
    public void Nested_structured_fields_are_read_too() =>
        Assert.Equal("broken", FailureText.Find(["""{"log":{"level":"fatal"},"message":"broken"}"""]));

    [Fact]
    public void Else_the_last_line_has_to_do() => Assert.Equal("last words", FailureText.Find(["first", "last words", ""]));

    [Fact]
    public void Silence_is_said() => Assert.Equal("it wrote nothing", FailureText.Find(["--- task starts at 2026 ---"]));
}
