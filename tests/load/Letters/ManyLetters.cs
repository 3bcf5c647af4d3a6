using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Tarasol.Tests.Load.Letters;

/// <summary>
/// Makes many letters of some that were registered and sent through the gateway: every row that those left in the databases of correspondence, numbering, task and audit is copied, with ids, numbers and
/// times of its own, as if a batch of them had come every few hours of the last two years. What no index and no query looks at stays as it is in a copy: the hashes of the chains do not fit.
/// </summary>
/// <param name="databases">Of the tenant.</param>
/// <param name="first">The first letter that was registered.</param>
/// <param name="last">The last one.</param>
/// <param name="batches">How many copies of them there will be at most.</param>
internal sealed class ManyLetters(TenantDatabase databases, Guid first, Guid last, int batches)
{
    // Batches of one transaction: services must not wait long for it.
    private const int AtOnce = 20;
    private static readonly TimeSpan Span = TimeSpan.FromDays(730);
    private readonly long every = (long)Span.TotalMilliseconds / batches;
    private int made;

    private static readonly Table[] Tables =
    [
        new("correspondence", "letter", "id BETWEEN @first AND @last")
        {
            Moved = ["id", "registered_at", "changed_at", "document_date"],
            Other = new()
            {
                ["subject"] = "subject || ' ' || k", ["subject_key"] = "subject_key || ' ' || k", ["subject_text"] = "subject_text || ' ' || k", ["sender_reference"] = "sender_reference || '-' || k",
                ["sender_reference_key"] = "sender_reference_key || k", ["reference_number"] = "reference_number || '-' || k",
            },
        },
        new("correspondence", "timeline_entry", "letter_id BETWEEN @first AND @last") { Moved = ["letter_id", "routing_id", "at"], Other = new() { ["reference_number"] = "reference_number || '-' || k" } },
        new("correspondence", "routing", "letter_id BETWEEN @first AND @last") { Moved = ["id", "letter_id", "routed_at"] },
        new("correspondence", "routing_step", "routing_id IN (SELECT id FROM routing WHERE letter_id BETWEEN @first AND @last)") { Moved = ["routing_id"] },
        new("correspondence", "request_key", "result_id BETWEEN @first AND @last") { Moved = ["result_id", "created_at"], Other = new() { ["value"] = "value || '-' || k" } },
        new("numbering", "allocation", "letter_id BETWEEN @first AND @last") { Moved = ["letter_id", "allocated_at"], Counter = "sequence", Other = new() { ["reference_number"] = "reference_number || '-' || k" } },
        new("numbering", "register_entry", "letter_id BETWEEN @first AND @last")
        {
            // The first entry, of the series itself, has no number.
            Moved = ["letter_id", "at"], Counter = "position", Other = new() { ["reference_number"] = "reference_number || '-' || k", ["first"] = "{counter} - 1", ["last"] = "{counter} - 1" },
            Then = "UPDATE register_end SET position = (SELECT MAX(position) FROM register_entry WHERE register_entry.series = register_end.series)",
        },
        new("task", "work_item", "letter_id BETWEEN @first AND @last")
        {
            Moved = ["id", "position", "letter_id", "routing_id", "due_at", "rank_at", "opened_at"], Other = new() { ["subject"] = "subject || ' ' || k" },
        },
        new("audit", "inbox_message", "event_id IN (SELECT event_id FROM audit_entry WHERE letter_id BETWEEN @firstText AND @lastText)") { Moved = ["event_id", "handled_at"] },
        new("audit", "letter_level", "letter_id BETWEEN @firstText AND @lastText") { Moved = ["letter_id"] },
        new("audit", "audit_entry", "letter_id BETWEEN @firstText AND @lastText")
        {
            Moved = ["event_id", "subject", "letter_id", "at", "received_at"], Counter = "sequence", Then = "UPDATE audit_end SET sequence = (SELECT MAX(sequence) FROM audit_entry)",
        },
    ];

    /// <summary>Goes on until there are so many copies.</summary>
    public async Task FillAsync(int upTo, CancellationToken cancel)
    {
        foreach (var tables in Tables.GroupBy(table => table.AppId))
        {
            await using var connection = await databases.OpenAsync(tables.Key, cancel);
            await DefineMovedAsync(connection, cancel);
            for (var from = made + 1; from <= upTo; from += AtOnce)
            {
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                foreach (var table in tables)
                    await CopyAsync(connection, table, from, Math.Min(from + AtOnce - 1, upTo), cancel);
                await transaction.CommitAsync(cancel);
            }
            // PostgreSQL does it by itself in a while; SQLite does not, and so its planner knows no more here than elsewhere.
            await connection.RunAsync(databases.Server is null ? "PRAGMA wal_checkpoint(TRUNCATE)" : "VACUUM ANALYZE", cancel);
        }
        made = upTo;
    }

    private async Task CopyAsync(DbConnection connection, Table table, int from, int to, CancellationToken cancel)
    {
        var columns = new List<string>();
        await using (var command = connection.Command($"SELECT * FROM {table.Name} LIMIT 0"))
        await using (var reader = await command.ExecuteReaderAsync(cancel))
            columns.AddRange(Enumerable.Range(0, reader.FieldCount).Select(reader.GetName));
        var counted = table.Counter is { } counter ? await connection.AskAsync<long>($"SELECT MAX({counter}) FROM {table.Name}", cancel) : 0;
        var row = $"(@counted + ROW_NUMBER() OVER (ORDER BY k, {table.Moved[0]}))";
        var values = columns.Select(column =>
            table.Moved.Contains(column) ? $"moved(\"{column}\", k)"
            : column == table.Counter ? row
            : table.Other.TryGetValue(column, out var expression) ? expression.Replace("{counter}", row, StringComparison.Ordinal)
            : $"\"{column}\"");
        await connection.RunAsync(
            $"""
            WITH RECURSIVE copies(k) AS (SELECT CAST(@from AS BIGINT) UNION ALL SELECT k + 1 FROM copies WHERE k < @to)
            INSERT INTO {table.Name} ({string.Join(", ", columns.Select(column => $"\"{column}\""))})
            SELECT {string.Join(", ", values)} FROM copies CROSS JOIN {table.Name} WHERE {table.Seeds} ORDER BY k
            """,
            cancel, ("@from", from), ("@to", to), ("@first", first), ("@last", last), ("@firstText", $"{first}"), ("@lastText", $"{last}"), ("@counted", counted));
        if (table.Then is { } then)
            await connection.RunAsync(then, cancel);
    }

    // moved(value, k): an id, which begins with its time, a time or a day as the k-th copy has it; the last copy came before the letters themselves.
    private async Task DefineMovedAsync(DbConnection connection, CancellationToken cancel)
    {
        if (connection is SqliteConnection sqlite)
        {
            sqlite.CreateFunction<string?, long, string?>("moved", Moved, isDeterministic: true);
            return;
        }
        var ago = $"(k - {batches + 1}) * {every}";
        await connection.RunAsync(
            $"""
            CREATE OR REPLACE FUNCTION moved(id text, k bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
                SELECT CASE WHEN length(id) = 36 THEN substr(hex, 1, 8) || '-' || substr(hex, 9) || substr(id, 14) ELSE id END
                FROM (SELECT lpad(to_hex((('x' || lpad(substr(id, 1, 8) || substr(id, 10, 4), 12, '0'))::bit(48)::bigint + {ago}) & 281474976710655), 12, '0') AS hex) AS ids $$;
            CREATE OR REPLACE FUNCTION moved(id uuid, k bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT moved(id::text, k)::uuid $$;
            CREATE OR REPLACE FUNCTION moved(at timestamptz, k bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT at + {ago} * interval '1 millisecond' $$;
            CREATE OR REPLACE FUNCTION moved(day date, k bigint) RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT day + ({ago} / 86400000)::int $$;
            """,
            cancel);
    }

    private string? Moved(string? value, long k)
    {
        if (value is null)
            return null;
        var ago = (k - batches - 1) * every;
        if (Guid.TryParse(value, out _))
        {
            var time = (long.Parse(value[..8] + value[9..13], NumberStyles.HexNumber, CultureInfo.InvariantCulture) + ago) & 0xFFFF_FFFF_FFFF;
            var hex = time.ToString(char.IsAsciiLetterLower(value.FirstOrDefault(char.IsAsciiLetter)) ? "x12" : "X12", CultureInfo.InvariantCulture);
            return $"{hex[..8]}-{hex[8..]}{value[13..]}";
        }
        if (!DateTime.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
            return value;
        at = at.AddMilliseconds(ago);
        return value.Length == 10 ? at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : at.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture);
    }

    /// <param name="AppId">The service whose table it is.</param>
    /// <param name="Name">The table.</param>
    /// <param name="Seeds">Which rows are copied.</param>
    private sealed record Table(string AppId, string Name, string Seeds)
    {
        /// <summary>Ids and times. The first one is what counters follow.</summary>
        public required string[] Moved { get; init; }

        /// <summary>The column that goes on counting.</summary>
        public string? Counter { get; init; }

        public Dictionary<string, string> Other { get; init; } = [];

        /// <summary>What has to follow.</summary>
        public string? Then { get; init; }
    }
}
