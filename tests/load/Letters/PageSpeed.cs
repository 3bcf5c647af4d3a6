using System.Data.Common;
using System.Diagnostics;
using System.Text.Json;
using HdrHistogram;
using Tarasol.ServiceDefaults;

namespace Tarasol.Tests.Load.Letters;

/// <summary>
/// One page in five ways, in turns, so that what else the machine does falls on all of them: the bare SQL that the service sends; what the service does with it, here in this process (Entity Framework, the answer's records,
/// JSON); the request to the service itself; the same through the gateway; and through the gateway a page that costs its service next to nothing.
/// </summary>
internal sealed class PageSpeed(HttpClient gateway, HttpClient direct, string nothing)
{
    private const int WarmUp = 30;
    private static readonly JsonSerializerOptions Json = Options();
    private readonly LongHistogram bare = ClosedLoop.NewHistogram(), query = ClosedLoop.NewHistogram(), service = ClosedLoop.NewHistogram(), whole = ClosedLoop.NewHistogram(), empty = ClosedLoop.NewHistogram();

    public static readonly string[] Columns =
        ["bare SQL p50 ms", "p99", "service's query p50 ms", "p99", "of the bare SQL", "request to the service p50 ms", "p99", "through the gateway p50 ms", "p99", "an empty page through it p50 ms"];

    /// <param name="page">What is asked for.</param>
    /// <param name="connection">Open, to the service's database.</param>
    /// <param name="rounds">How often.</param>
    /// <param name="cancel">Gives up waiting.</param>
    public async Task<PageSpeed> MeasureAsync(ServicePage page, DbConnection connection, int rounds, CancellationToken cancel)
    {
        var statements = await page.StatementsAsync(connection);
        var buffer = new MemoryStream();
        for (var round = -WarmUp; round < rounds; round++)
        {
            await OnceAsync(bare, round, async () =>
            {
                foreach (var statement in statements)
                    await ReadAsync(statement, cancel);
            });
            await OnceAsync(query, round, async () =>
            {
                buffer.SetLength(0);
                await JsonSerializer.SerializeAsync(buffer, await page.AskAsync(null), Json, cancel);
            });
            await OnceAsync(service, round, () => GetAsync(direct, page.Path, cancel));
            await OnceAsync(whole, round, () => GetAsync(gateway, page.Path, cancel));
            await OnceAsync(empty, round, () => GetAsync(gateway, nothing, cancel));
        }
        foreach (var statement in statements)
            await statement.DisposeAsync();
        return this;
    }

    /// <summary>The service's query by the bare SQL.</summary>
    public double Ratio => (double)query.GetValueAtPercentile(50) / bare.GetValueAtPercentile(50);

    /// <summary>Median of the bare SQL, in milliseconds.</summary>
    public double Bare => At(bare, 50);

    /// <summary>Median of the request to the service itself.</summary>
    public double Service => At(service, 50);

    public string[] Cells =>
    [
        Cell(bare, 50), Cell(bare, 99), Cell(query, 50), Cell(query, 99), Report.Number(Ratio, "0.0"), Cell(service, 50), Cell(service, 99), Cell(whole, 50), Cell(whole, 99), Cell(empty, 50),
    ];

    private static async Task OnceAsync(LongHistogram histogram, int round, Func<Task> work)
    {
        var begun = Stopwatch.GetTimestamp();
        await work();
        if (round >= 0)
            ClosedLoop.Record(histogram, Stopwatch.GetElapsedTime(begun));
    }

    private static async Task ReadAsync(DbCommand sql, CancellationToken cancel)
    {
        await using var reader = await sql.ExecuteReaderAsync(cancel);
        var values = new object[reader.FieldCount];
        while (await reader.ReadAsync(cancel))
            reader.GetValues(values);
    }

    private static async Task GetAsync(HttpClient client, string path, CancellationToken cancel)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), cancel);
        answer.EnsureSuccessStatusCode();
        await answer.Content.CopyToAsync(Stream.Null, cancel);
    }

    private static double At(LongHistogram histogram, double percentile) => histogram.GetValueAtPercentile(percentile) / 1000.0;

    private static string Cell(LongHistogram histogram, double percentile) => Report.Number(At(histogram, percentile), "0.00");

    private static JsonSerializerOptions Options()
    {
        var options = new JsonSerializerOptions();
        TarasolService.Configure(options);
        return options;
    }
}
