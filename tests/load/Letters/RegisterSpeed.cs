using System.Collections.Concurrent;
using System.Globalization;
using HdrHistogram;

namespace Tarasol.Tests.Load.Letters;

/// <summary>Incoming letters from the clerk's request until they have their number and the event that says so has been published and handled.</summary>
internal static class RegisterSpeed
{
    private const string Numbered = "type = 'correspondence.letter-numbered.v1' AND sequence > @before";

    /// <summary>What one letter costs.</summary>
    /// <param name="PerSecond">Letters a second, numbered and published.</param>
    /// <param name="Requests">Until the clerk has the number.</param>
    /// <param name="Published">Until the trail has the event.</param>
    /// <param name="Processor">Processor time of all services and of the database server.</param>
    public sealed record Result(double PerSecond, Measured Requests, LongHistogram Published, TimeSpan Processor);

    public static async Task<Result> MeasureAsync(LetterOffice office, int clients, int seconds, Func<TimeSpan> processor, CancellationToken cancel)
    {
        using var clerk = await office.SignInAsync(LetterOffice.Clerk, cancel);
        var before = await office.Databases.AskAsync<long>("audit", "SELECT MAX(sequence) FROM audit_entry", cancel);
        var letters = new ConcurrentQueue<(Guid Id, DateTime Begun)>();
        var used = processor();
        var requests = await ClosedLoop.RunAsync(clients, seconds, async (_, stop) =>
        {
            var begun = DateTime.UtcNow;
            letters.Enqueue((await office.RegisterAsync(clerk, true, stop), begun));
        }, cancel);
        await office.UntilAsync("audit", $"SELECT COUNT(*) FROM audit_entry WHERE {Numbered}", letters.Count, cancel, ("@before", before));
        used = processor() - used;

        var seen = await SeenAsync(office, before, cancel);
        // Those of the warm-up came first.
        var measured = letters.TakeLast((int)requests.Latencies.TotalCount).ToList();
        var published = ClosedLoop.NewHistogram();
        foreach (var (id, begun) in measured)
            ClosedLoop.Record(published, seen[id] - begun);
        var took = measured.Max(letter => seen[letter.Id]) - measured.Min(letter => letter.Begun);
        return new(measured.Count / took.TotalSeconds, requests, published, used / letters.Count);
    }

    // When the trail got each letter's event.
    private static async Task<Dictionary<Guid, DateTime>> SeenAsync(LetterOffice office, long before, CancellationToken cancel)
    {
        await using var connection = await office.Databases.OpenAsync("audit", cancel);
        await using var command = connection.Command($"SELECT letter_id, received_at FROM audit_entry WHERE {Numbered}", ("@before", before));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var seen = new Dictionary<Guid, DateTime>();
        while (await reader.ReadAsync(cancel))
            seen[Guid.Parse(reader.GetString(0), CultureInfo.InvariantCulture)] = DateTime.SpecifyKind(reader.GetDateTime(1), DateTimeKind.Utc);
        return seen;
    }
}
