using Microsoft.Data.Sqlite;

namespace Tarasol.Tests.Load.Publish;

/// <summary>A table as a queue: each publish a commit that waits for the disk, each acknowledgement one that does not, one connection for each direction.</summary>
internal sealed class BareSqlite : IEventClient
{
    private readonly string folder = Directory.CreateTempSubdirectory("tarasol-load-").FullName;
    private readonly SemaphoreSlim writing = new(1);
    private readonly CancellationTokenSource stop = new();
    private SqliteConnection? publishing;
    private SqliteConnection? consuming;
    private Task reading = Task.CompletedTask;

    public Task SubscribeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancel)
    {
        publishing = Open("FULL");
        consuming = Open("NORMAL");
        Execute(publishing, "CREATE TABLE messages (seq INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB NOT NULL)");
        reading = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                var messages = Next();
                foreach (var (seq, data) in messages)
                {
                    handle(data);
                    Execute(consuming, "DELETE FROM messages WHERE seq = $value", seq);
                }

                // SQLite tells nobody that there is something new.
                if (messages.Count == 0)
                    await Task.Delay(1);
            }
        }, cancel);
        return Task.CompletedTask;
    }

    public async Task PublishAsync(ReadOnlyMemory<byte> json, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            Execute(publishing!, "INSERT INTO messages (data) VALUES ($value)", json.ToArray());
        }
        finally
        {
            writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        publishing?.Dispose();
        consuming?.Dispose();
        writing.Dispose();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static void Execute(SqliteConnection connection, string text, object? value = null)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        if (value is not null)
            command.Parameters.AddWithValue("$value", value);
        command.ExecuteNonQuery();
    }

    private SqliteConnection Open(string synchronous)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "bare.db"), Pooling = false }.ToString());
        connection.Open();
        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, "PRAGMA busy_timeout = 5000");
        Execute(connection, $"PRAGMA synchronous = {synchronous}");
        return connection;
    }

    private List<(long Seq, byte[] Data)> Next()
    {
        using var command = consuming!.CreateCommand();
        command.CommandText = "SELECT seq, data FROM messages ORDER BY seq LIMIT 100";
        using var reader = command.ExecuteReader();
        var messages = new List<(long, byte[])>();
        while (reader.Read())
            messages.Add((reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
        return messages;
    }
}
