using System.Globalization;

namespace Tarasol.Sidecar.Resiliency;

/// <summary>A retry policy of a Resiliency document.</summary>
internal sealed record RetryPolicy
{
    public bool Exponential { get; init; }

    /// <summary>Wait of the constant policy; 5 s.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>First wait of the exponential policy; it grows by half each time, give or take half.</summary>
    public TimeSpan InitialInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait of the exponential policy; 60 s.</summary>
    public TimeSpan MaxInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Additional attempts; -1: without end.</summary>
    public int MaxRetries { get; init; } = -1;

    /// <summary>The exponential policy gives up after this time; 15 minutes.</summary>
    public TimeSpan? MaxElapsed { get; init; }

    /// <summary>HTTP status codes that are retried; null: all.</summary>
    public IReadOnlyList<(int From, int To)>? HttpStatusCodes { get; init; }

    /// <summary>gRPC status codes that are retried; null: all.</summary>
    public IReadOnlyList<(int From, int To)>? GrpcStatusCodes { get; init; }

    /// <summary>Codes up to 16 are gRPC's, from 100 HTTP's.</summary>
    public bool Matches(int statusCode) =>
        (statusCode is >= 0 and <= 16 ? GrpcStatusCodes : HttpStatusCodes) is not { } codes || codes.Any(code => statusCode >= code.From && statusCode <= code.To);

    /// <param name="retry">1 for the first retry.</param>
    public TimeSpan DelayBefore(int retry)
    {
        if (!Exponential)
        {
            return Duration;
        }
        var interval = Math.Min(InitialInterval.Ticks * Math.Pow(1.5, Math.Min(retry - 1, 200)), MaxInterval.Ticks);
#pragma warning disable CA5394 // spreading retries needs no secret
        return TimeSpan.FromTicks((long)(interval * (0.5 + Random.Shared.NextDouble())));
#pragma warning restore CA5394
    }

    /// <summary>A comma list of codes and ranges such as <c>429,500-599</c>; null when empty. Throws <see cref="FormatException"/>.</summary>
    public static IReadOnlyList<(int From, int To)>? ParseCodes(string? text, int lowest, int highest)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }
        var codes = new List<(int, int)>();
        foreach (var pattern in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int[]? ends = null;
            var parts = pattern.Split('-');
            if (parts.Length <= 2 && parts.All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            {
                ends = [.. parts.Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
            }
            if (ends is null || ends[0] < lowest || ends[^1] > highest || ends[0] > ends[^1])
            {
                throw new FormatException($"'{pattern}' is not a status code or a range of them from {lowest} to {highest}");
            }
            codes.Add((ends[0], ends[^1]));
        }
        return codes;
    }
}
