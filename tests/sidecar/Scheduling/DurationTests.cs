using FsCheck.Xunit;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Tests.Sidecar.Scheduling;

public sealed class DurationTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("1h2m3s4ms", 3_723_004)]
    [InlineData("1h0m0s0ms", 3_600_000)]
    [InlineData("0h0m5s0ms", 5_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData("300ms", 300)]
    [InlineData("-1.5s", -1_500)]
    [InlineData("+5s", 5_000)]
    [InlineData(".5s", 500)]
    [InlineData("0", 0)]
    [InlineData("1000us", 1)]
    [InlineData("1000µs", 1)]
    [InlineData("1000000ns", 1)]
    public void Go_durations_are_read(string text, long milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-")]
    [InlineData(".s")]
    [InlineData("1.2.3s")]
    [InlineData("1d")]
    [InlineData("1h 2m")]
    [InlineData("whenever")]
    [InlineData("3000000h")]
    [InlineData("99999999999999999999999999999999s")]
    public void What_is_no_Go_duration_is_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ms")]
    [InlineData(1_500, "1.5s")]
    [InlineData(60_000, "1m0s")]
    [InlineData(3_600_000, "1h0m0s")]
    [InlineData(90_061_001, "25h1m1.001s")]
    [InlineData(-5_000, "-5s")]
    public void Durations_are_written_as_Go_writes_them(long milliseconds, string text) => Assert.Equal(text, GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Property]
    public bool A_written_duration_reads_back_as_itself(int seconds, int ticks)
    {
        var duration = TimeSpan.FromSeconds(seconds) + TimeSpan.FromTicks(ticks);
        return GoDuration.TryParse(GoDuration.Format(duration), out var back) && back == duration;
    }

    [Property]
    public bool No_text_breaks_the_readers(string? text) =>
        !GoDuration.TryParse(text, out var duration) || (DaprPeriod.TryParse(text!, out var period) && (period.Repeats is not null || period.Time == duration)
            && DaprPeriod.TryParseTime(text!, Now, out _) == period.Repeats is null);

    [Property]
    public bool ISO_times_add_up(byte hours, byte minutes, byte seconds, byte days) =>
        DaprPeriod.TryParse($"P{days}DT{hours}H{minutes}M{seconds}S", out var period)
        && period.After(Now) == Now.AddDays(days) + new TimeSpan(hours, minutes, seconds);

    [Theory]
    [InlineData("PT5S", 5, null)]
    [InlineData("R3/PT1S", 1, 3)]
    [InlineData("R2/PT1M", 60, 2)]
    [InlineData("R5", 0, 5)]
    [InlineData("@every 5s", 5, null)]
    [InlineData("5s", 5, null)]
    public void Periods_are_read(string text, int seconds, int? repeats)
    {
        Assert.True(DaprPeriod.TryParse(text, out var period));
        Assert.Equal((TimeSpan.FromSeconds(seconds), repeats), (period.Time, period.Repeats));
    }

    [Theory]
    [InlineData("P")]
    [InlineData("R/PT1S")]
    [InlineData("R3PT1S")]
    [InlineData("PT1S\n")]
    [InlineData("PT0.5S")]
    [InlineData("P1S")]
    [InlineData("PT99999999999S")]
    [InlineData("every 5s")]
    public void What_is_no_period_is_refused(string text) => Assert.False(DaprPeriod.TryParse(text, out _));

    [Theory]
    [InlineData("P1M", "2026-02-28T12:00:00Z")]
    [InlineData("P1W", "2026-02-07T12:00:00Z")]
    [InlineData("1h", "2026-01-31T13:00:00Z")]
    [InlineData("-1h", "2026-01-31T11:00:00Z")]
    [InlineData("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z")]
    [InlineData("2026-03-01T10:00:00.123456789Z", "2026-03-01T10:00:00.1234567Z")]
    [InlineData("P9999Y", "9999-12-31T23:59:59.9999999Z")]
    public void Due_times_are_read(string text, string time)
    {
        Assert.True(DaprPeriod.TryParseTime(text, Now, out var read));
        Assert.Equal(DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture), read);
    }

    [Theory]
    [InlineData("R3/PT1S")]
    [InlineData("2026-03-01 10:00:00Z")]
    [InlineData("2026-03-01T10:00:00")]
    [InlineData("2026-13-01T10:00:00Z")]
    [InlineData("@every 5s")]
    [InlineData("soon")]
    public void What_is_no_due_time_is_refused(string text) => Assert.False(DaprPeriod.TryParseTime(text, Now, out _));

    [Theory]
    [InlineData("@hourly", "2026-01-31T13:00:00Z")]
    [InlineData("@every 90s", "2026-01-31T12:01:30Z")]
    [InlineData("30 * * * * *", "2026-01-31T12:00:30Z")]
    [InlineData("0 0 0 1 * *", "2026-02-01T00:00:00Z")]
    [InlineData("0 0 0 15 * MON", "2026-02-02T00:00:00Z")]
    [InlineData("CRON_TZ=Asia/Riyadh 0 30 9 * * *", "2026-02-01T06:30:00Z")]
    [InlineData("TZ=Asia/Riyadh @daily", "2026-01-31T21:00:00Z")]
    public void Schedules_find_their_next_time(string schedule, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next, System.Globalization.CultureInfo.InvariantCulture), JobSchedule.Parse(schedule).Next(Now));

    [Theory]
    [InlineData("* * * * *")]
    [InlineData("@often")]
    [InlineData("@every x")]
    [InlineData("@every -1s")]
    [InlineData("61 * * * * *")]
    [InlineData("CRON_TZ=Not/AZone 0 0 9 * * *")]
    [InlineData("CRON_TZ=Asia/Riyadh @every 1h")]
    [InlineData("TZ=Asia/Riyadh")]
    [InlineData("")]
    public void What_is_no_schedule_is_refused(string schedule) => Assert.Throws<JobFormatException>(() => JobSchedule.Parse(schedule));
}
