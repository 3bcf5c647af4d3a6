using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Tarasol.Tests.Integration.Mesh;

/// <summary>What EF Core asks of one SQLite file, the tables of messaging and migrations aside, and how SQLite would go about it.</summary>
public sealed class AskedQueries(string file) : IDisposable, IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private static readonly string[] Elsewhere = ["outbox_message", "inbox_message", "held_event", "dead_letter", "VersionInfo"];
    private static readonly string[] Statements = ["SELECT", "UPDATE", "DELETE"];
    private readonly List<IDisposable> listening = [];

    /// <summary>Statements with the names of their parameters.</summary>
    public ConcurrentDictionary<string, IReadOnlyList<string>> All { get; } = new();

    /// <summary>Takes down what is asked until it is disposed.</summary>
    public IDisposable Listen()
    {
        listening.Add(DiagnosticListener.AllListeners.Subscribe(this));
        return this;
    }

    public void Dispose() => listening.ForEach(each => each.Dispose());

    public async Task<IReadOnlyList<(string Sql, IReadOnlyList<string> Plan)>> PlansAsync()
    {
        var plans = new List<(string, IReadOnlyList<string>)>();
        foreach (var (sql, parameters) in All)
            plans.Add((sql, await PlanAsync(sql, parameters)));
        return plans;
    }

    public async Task<IReadOnlyList<string>> PlanAsync(string sql, IEnumerable<string> parameters)
    {
        await using var db = new SqliteConnection($"Data Source={file};Mode=ReadOnly");
        await db.OpenAsync(TestContext.Current.CancellationToken);
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

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.EntityFrameworkCore")
            listening.Add(value.Subscribe(this));
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is CommandEventData { Command: SqliteCommand command } && command.Connection?.DataSource == file
            && Statements.Any(kind => command.CommandText.StartsWith(kind, StringComparison.Ordinal)) && !Elsewhere.Any(table => command.CommandText.Contains(table, StringComparison.Ordinal)))
            All.TryAdd(command.CommandText, [.. command.Parameters.Cast<SqliteParameter>().Select(parameter => parameter.ParameterName)]);
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }
}
