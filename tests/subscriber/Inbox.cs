using Microsoft.Data.Sqlite;

namespace Tarasol.Tests.Subscriber;

/// <summary>The file of what was seen, and of what came of it.</summary>
internal sealed class Inbox : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand seen;
    private readonly SqliteCommand effect;
    private readonly Lock gate = new();

    public Inbox(string path)
    {
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        // A killed process loses nothing that is committed; only a power failure would.
        Command("PRAGMA journal_mode = WAL").ExecuteScalar();
        Command("PRAGMA synchronous = OFF").ExecuteNonQuery();
        Command("CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY, deliveries INTEGER NOT NULL) WITHOUT ROWID").ExecuteNonQuery();
        // No constraint: an effect that comes twice must be seen by the test.
        Command("CREATE TABLE IF NOT EXISTS effects (number INTEGER NOT NULL, kind TEXT NOT NULL)").ExecuteNonQuery();
        seen = Command("INSERT INTO inbox (id, deliveries) VALUES ($id, 1) ON CONFLICT (id) DO UPDATE SET deliveries = deliveries + 1 RETURNING deliveries", "$id");
        effect = Command("INSERT INTO effects (number, kind) VALUES ($number, $kind)", "$number", "$kind");
    }

    public void Handle(string id, int number, string kind)
    {
        lock (gate)
        {
            using var transaction = connection.BeginTransaction();
            (seen.Transaction, effect.Transaction) = (transaction, transaction);
            seen.Parameters["$id"].Value = id;
            if ((long)seen.ExecuteScalar()! == 1)
            {
                effect.Parameters["$number"].Value = number;
                effect.Parameters["$kind"].Value = kind;
                effect.ExecuteNonQuery();
            }
            transaction.Commit();
        }
    }

    public void Dispose()
    {
        seen.Dispose();
        effect.Dispose();
        connection.Dispose();
    }

    private SqliteCommand Command(string text, params string[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var parameter in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        return command;
    }
}
