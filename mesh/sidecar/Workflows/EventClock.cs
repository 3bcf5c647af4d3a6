using Google.Protobuf.WellKnownTypes;

namespace Tarasol.Sidecar.Workflows;

/// <summary>Times for external events. No two are the same in this process, so that the name and the time of an event tell a redelivery from a second event.</summary>
internal static class EventClock
{
    private static long _last;

    public static Timestamp Next()
    {
        while (true)
        {
            var last = Interlocked.Read(ref _last);
            var next = Math.Max(DateTime.UtcNow.Ticks, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return Timestamp.FromDateTime(new DateTime(next, DateTimeKind.Utc));
            }
        }
    }
}
