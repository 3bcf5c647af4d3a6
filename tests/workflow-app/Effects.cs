using Microsoft.Data.Sqlite;

namespace Tarasol.Tests.WorkflowApp;

/// <summary>
/// What activities did, in a file that survives them: one row for each idempotency key, as an activity with an effect outside keeps it. A repeat with the same key
/// adds nothing; another key for the same step would be a second effect.
/// </summary>
public sealed class Effects(string file)
{
    private readonly string connectionString = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30 }.ConnectionString;

    public static void Create(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file }.ConnectionString);
        connection.Open();
        Run(connection, "PRAGMA journal_mode=WAL");
        Run(connection, "CREATE TABLE effect (key TEXT NOT NULL PRIMARY KEY, step TEXT NOT NULL)");
        Run(connection, "CREATE TABLE attempt (key TEXT NOT NULL PRIMARY KEY, step TEXT NOT NULL)");
    }

    public void Note(string step, string key)
    {
        using var connection = Open();
        Run(connection, "INSERT OR IGNORE INTO effect (key, step) VALUES ($key, $step)", ("$key", key), ("$step", step));
    }

    /// <summary>The number of this attempt among those of the step, from 1; a repeat of the same one gets the same number.</summary>
    public int Attempt(string step, string key)
    {
        using var connection = Open();
        Run(connection, "INSERT OR IGNORE INTO attempt (key, step) VALUES ($key, $step)", ("$key", key), ("$step", step));
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM attempt WHERE step = $step AND rowid <= (SELECT rowid FROM attempt WHERE key = $key)";
        command.Parameters.AddWithValue("$key", key);
        command.Parameters.AddWithValue("$step", step);
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>How many keys each step has.</summary>
    public IReadOnlyDictionary<string, int> Read()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT step, count(*) FROM effect GROUP BY step";
        using var rows = command.ExecuteReader();
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        while (rows.Read())
            found[rows.GetString(0)] = rows.GetInt32(1);
        return found;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        Run(connection, "PRAGMA synchronous=OFF"); // Processes are killed, the machine is not.
        return connection;
    }

    private static void Run(SqliteConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constant texts only.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
    }
}
