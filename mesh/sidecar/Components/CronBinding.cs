using System.Globalization;
using Tarasol.Sidecar.Bindings;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Components;

/// <summary>bindings.cron (input): an event without data each time its schedule is due. What was due while the app was away is not made up for.</summary>
internal sealed class CronBinding(JobSchedule schedule, TimeProvider time) : IInputBinding
{
    public static readonly ComponentType ComponentType = new("bindings.cron", [.. BindingDirection.Keys, "schedule"], CreateAsync);

    // One wait of .NET is at most this long.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    public async Task ReadAsync(Func<BindingEvent, Task> handle, CancellationToken stop)
    {
        // As in daprd, a slow app does not hold up the next event.
        var handling = new List<Task>();
        try
        {
            var last = time.GetUtcNow();
            while (schedule.Next(last) is { } next)
            {
                while (next - time.GetUtcNow() is var left && left > TimeSpan.Zero)
                    await Task.Delay(left < LongestWait ? left : LongestWait, time, stop);
                handling.RemoveAll(one => one.IsCompleted);
                handling.Add(FireAsync(handle));
                // A host that slept past several times fires once.
                last = time.GetUtcNow() is var now && now > next ? now : next;
            }
            await Task.Delay(Timeout.Infinite, stop);
        }
        finally
        {
            await Task.WhenAll(handling);
        }
    }

    private async Task FireAsync(Func<BindingEvent, Task> handle)
    {
        try
        {
            await handle(new BindingEvent(default, new Dictionary<string, string> { ["timeZone"] = "Local", ["readTimeUTC"] = GoTime(time.GetUtcNow()) }));
        }
        catch (BindingException)
        {
            // The app did not take it, which is in the log; the next time is another event.
        }
    }

    private static Task<object> CreateAsync(ComponentSpec spec, IServiceProvider services, CancellationToken cancel)
    {
        var written = spec.Metadata.GetValueOrDefault("schedule") is { Length: > 0 } given ? given : throw new ComponentException(spec, "schedule not set");
        var time = services.GetRequiredService<TimeProvider>();
        try
        {
            // The zone of the machine unless the schedule names another.
            var (zone, text) = JobSchedule.ReadZone(written);
            return Task.FromResult<object>(new CronBinding(Whole(text.Trim(), zone ?? time.LocalTimeZone), time));
        }
        catch (JobFormatException wrong)
        {
            throw new ComponentException(spec, $"invalid schedule format '{written}': {wrong.Message}");
        }
    }

    /// <summary>@every counts whole seconds here, at least one.</summary>
    private static JobSchedule Whole(string text, TimeZoneInfo zone) =>
        text.StartsWith("@every ", StringComparison.Ordinal) && GoDuration.TryParse(text["@every ".Length..].Trim(), out var interval)
            ? JobSchedule.Parse(string.Create(CultureInfo.InvariantCulture, $"@every {Math.Max(1, (long)interval.TotalSeconds)}s"))
            : JobSchedule.Parse(text, secondsOptional: true, zone);

    /// <summary>How Go prints a time in UTC.</summary>
    private static string GoTime(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture) + " +0000 UTC";
}
