using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Numbering;

/// <summary>A number costs the same in a register of many series and entries as in an empty one: nothing is looked for by going through a table.</summary>
[Collection(RegistryCollection.Name)]
public class AllocationSpeedTests(RegistryMesh mesh)
{
    [Fact]
    public async Task Every_query_for_a_number_goes_by_an_index()
    {
        var office = await NumberOffice.OfAsync(mesh);
        await office.CreatedAsync(new { key = "branch", direction = "incoming", mask = "B/{year}/{seq}", unitId = office.Root, subtree = true });
        var file = Path.Combine(mesh.Data, "tenants", office.Tenant.Slug, "numbering.db");
        var queries = new Queries(file);
        using (DiagnosticListener.AllListeners.Subscribe(queries))
        {
            await office.UnitAsync("FIN", office.Root);
            Assert.Equal("B/2026/1", await office.TakeAsync("FIN"));
            Assert.Equal("IN/OTHER/2026/00001", await office.TakeAsync("OTHER"));
        }

        foreach (var table in new[] { "allocation", "series", "series_mask", "register_entry", "register_end" })
            Assert.Contains(queries.All, query => query.Key.Contains($"FROM \"{table}\"", StringComparison.Ordinal));
        await using var db = new SqliteConnection($"Data Source={file};Mode=ReadOnly");
        await db.OpenAsync(TestContext.Current.CancellationToken);
        foreach (var (sql, parameters) in queries.All)
            Assert.DoesNotContain(await PlanAsync(db, sql, parameters), step => step.StartsWith("SCAN", StringComparison.Ordinal));
        // And a plan can tell.
        Assert.Contains(await PlanAsync(db, "SELECT * FROM allocation WHERE allocated_at = '2026'", []), step => step.StartsWith("SCAN", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> PlanAsync(SqliteConnection db, string sql, IEnumerable<string> parameters)
    {
        await using var command = db.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {sql}";
        foreach (var name in parameters)
            command.Parameters.AddWithValue(name, "x");
        await using var reader = await command.ExecuteReaderAsync();
        var steps = new List<string>();
        while (await reader.ReadAsync())
            steps.Add(reader.GetString(3));
        return steps;
    }

    /// <summary>What EF Core asks of one database file about numbers.</summary>
    private sealed class Queries(string file) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        private static readonly string[] Elsewhere = ["outbox_message", "inbox_message", "held_event", "dead_letter", "VersionInfo"];

        public ConcurrentDictionary<string, IReadOnlyList<string>> All { get; } = new();

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "Microsoft.EntityFrameworkCore")
                value.Subscribe(this);
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is CommandEventData { Command: SqliteCommand command } && command.Connection?.DataSource == file
                && command.CommandText.StartsWith("SELECT", StringComparison.Ordinal) && !Elsewhere.Any(table => command.CommandText.Contains(table, StringComparison.Ordinal)))
                All.TryAdd(command.CommandText, [.. command.Parameters.Cast<SqliteParameter>().Select(parameter => parameter.ParameterName)]);
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
