namespace Tarasol.Tests.Servers;

/// <summary>How much of a long test is run: all of it with CI=true, a part on a developer's machine. What is asserted is the same.</summary>
public static class TestScale
{
    /// <summary>True with CI=true.</summary>
    public static bool IsFull { get; } = string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>A count, or a part of it.</summary>
    public static int Of(int full, int part) => IsFull ? full : part;
}
