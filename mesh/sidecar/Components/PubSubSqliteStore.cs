using System.Data;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <param name="Sequence">Position in the file, in order of publication.</param>
/// <param name="Message">As published.</param>
/// <param name="Attempts">Failures so far.</param>
internal sealed record ClaimedMessage(long Sequence, PubSubMessage Message, int Attempts);

/// <summary>
/// The file of a pubsub.sqlite component: messages, the consumers of each topic, and for each consumer what is still to be delivered. Used by one thread.
/// A claimed delivery carries its owner, a process that holds a lock on a file of that name: when the lock is free the owner is dead and its claims are void.
/// </summary>
internal sealed class PubSubSqliteStore : IDisposable
{
    private const int SchemaVersion = 1;

    private const string Schema = """
        CREATE TABLE messages (seq INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, data BLOB NOT NULL, metadata TEXT, published INTEGER NOT NULL);
        CREATE INDEX messages_by_topic ON messages (topic);
        CREATE INDEX messages_by_time ON messages (published);
        CREATE TABLE consumers (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, consumer TEXT NOT NULL, seen INTEGER NOT NULL, UNIQUE (topic, consumer));
        CREATE TABLE deliveries (consumer INTEGER NOT NULL, seq INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, owner TEXT,
            PRIMARY KEY (consumer, seq)) WITHOUT ROWID;
        CREATE INDEX deliveries_ready ON deliveries (consumer, due, seq) WHERE owner IS NULL;
        CREATE INDEX deliveries_by_message ON deliveries (seq);
        CREATE INDEX deliveries_by_owner ON deliveries (owner) WHERE owner IS NOT NULL;
        """;

    private readonly PubSubSqliteOptions options;
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> commands = [];
    private readonly string owner = Guid.CreateVersion7().ToString("N");
    private readonly FileStream? ownerLock;
    private SqliteTransaction? transaction;
    private long dataVersion;

    public PubSubSqliteStore(PubSubSqliteOptions options)
    {
        this.options = options;
        if (!options.InMemory)
        {
            CreatePrivate(options.DataSource);
            ownerLock = new FileStream(OwnerFile(owner), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        connection = new SqliteConnection(new SqliteConnectionStringBuilder(options.ConnectionString) { Pooling = false }.ToString());
        try
        {
            connection.Open();
            Execute("PRAGMA journal_mode = WAL");
            Migrate();
            ReleaseOfTheDead(DateTimeOffset.UtcNow);
            dataVersion = Scalar("PRAGMA data_version");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <param name="durable">Commit waits for the disk. Without it a power failure may undo the last commits, which then only means to deliver again.</param>
    public void Begin(bool durable)
    {
        Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
        transaction = connection.BeginTransaction(IsolationLevel.Serializable, deferred: false);
    }

    public void Commit()
    {
        transaction!.Commit();
        End();
    }

    public void Rollback()
    {
        try
        {
            transaction?.Rollback();
        }
        catch (SqliteException)
        {
            // A failed commit may have rolled back already.
        }
        End();
    }

    /// <summary>Stores a message and owes it to every consumer that the topic has. Without any it is kept for the first one, if there is a retention.</summary>
    public void Insert(string topic, PubSubMessage message, DateTimeOffset now)
    {
        if (options.Retention == TimeSpan.Zero && Scalar("SELECT count(*) FROM consumers WHERE topic = $topic", ("$topic", topic)) == 0)
        {
            return;
        }
        var sequence = Scalar("INSERT INTO messages (topic, data, metadata, published) VALUES ($topic, $data, $metadata, $now) RETURNING seq",
            ("$topic", topic), ("$data", Bytes(message.Data)), ("$metadata", Metadata(message)), ("$now", Millis(now)));
        Execute("INSERT INTO deliveries (consumer, seq, due) SELECT id, $seq, $now FROM consumers WHERE topic = $topic",
            ("$seq", sequence), ("$now", Millis(now)), ("$topic", topic));
    }

    /// <summary>The consumer's id. The first consumer of a topic gets what was kept of it.</summary>
    public long Register(string topic, string consumer, DateTimeOffset now)
    {
        var first = Scalar("SELECT count(*) FROM consumers WHERE topic = $topic", ("$topic", topic)) == 0;
        var id = Scalar("INSERT INTO consumers (topic, consumer, seen) VALUES ($topic, $consumer, $now) ON CONFLICT (topic, consumer) DO UPDATE SET seen = $now RETURNING id",
            ("$topic", topic), ("$consumer", consumer), ("$now", Millis(now)));
        if (first)
        {
            Execute("INSERT INTO deliveries (consumer, seq, due) SELECT $id, seq, published FROM messages WHERE topic = $topic", ("$id", id), ("$topic", topic));
        }
        return id;
    }

    /// <summary>Takes up to <paramref name="limit"/> messages that are due, oldest first.</summary>
    public List<ClaimedMessage> Claim(long consumer, DateTimeOffset now, int limit)
    {
        var taken = new List<(long Sequence, int Attempts)>();
        using (var reader = Command("""
            UPDATE deliveries SET owner = $owner WHERE consumer = $consumer AND seq IN
                (SELECT seq FROM deliveries WHERE consumer = $consumer AND owner IS NULL AND due <= $now ORDER BY due, seq LIMIT $limit)
            RETURNING seq, attempts
            """, ("$owner", owner), ("$consumer", consumer), ("$now", Millis(now)), ("$limit", limit)).ExecuteReader())
        {
            while (reader.Read())
            {
                taken.Add((reader.GetInt64(0), reader.GetInt32(1)));
            }
        }
        return [.. taken.OrderBy(item => item.Sequence).Select(item => new ClaimedMessage(item.Sequence, Read(item.Sequence), item.Attempts))];
    }

    public DateTimeOffset? NextDue(long consumer)
    {
        var due = Command("SELECT min(due) FROM deliveries WHERE consumer = $consumer AND owner IS NULL", ("$consumer", consumer)).ExecuteScalar();
        return due is long millis ? DateTimeOffset.FromUnixTimeMilliseconds(millis) : null;
    }

    /// <summary>The consumer is done with it. When it was the last one the message goes.</summary>
    public void Acknowledge(long consumer, long sequence)
    {
        Execute("DELETE FROM deliveries WHERE consumer = $consumer AND seq = $seq", ("$consumer", consumer), ("$seq", sequence));
        Execute("DELETE FROM messages WHERE seq = $seq AND NOT EXISTS (SELECT 1 FROM deliveries WHERE seq = $seq)", ("$seq", sequence));
    }

    public void Release(long consumer, long sequence, DateTimeOffset due, bool failed) =>
        Execute("UPDATE deliveries SET owner = NULL, due = $due, attempts = attempts + $failed WHERE consumer = $consumer AND seq = $seq",
            ("$due", Millis(due)), ("$failed", failed ? 1 : 0), ("$consumer", consumer), ("$seq", sequence));

    /// <summary>Another connection, usually of another process, has written since the last call.</summary>
    public bool ChangedByOthers()
    {
        var version = Scalar("PRAGMA data_version");
        (var changed, dataVersion) = (version != dataVersion, version);
        return changed;
    }

    /// <summary>Takes back what processes hold that are gone. Returns how many messages.</summary>
    public int ReleaseOfTheDead(DateTimeOffset now)
    {
        var owners = new List<string>();
        using (var reader = Command("SELECT DISTINCT owner FROM deliveries WHERE owner IS NOT NULL AND owner <> $owner", ("$owner", owner)).ExecuteReader())
        {
            while (reader.Read())
            {
                owners.Add(reader.GetString(0));
            }
        }
        return owners.Where(IsDead).Sum(dead => Execute("UPDATE deliveries SET owner = NULL, due = $now WHERE owner = $owner", ("$now", Millis(now)), ("$owner", dead)));
    }

    /// <summary>Removes what nobody waits for any more. Returns the consumers that were given up.</summary>
    public List<string> CleanUp(DateTimeOffset now, IEnumerable<long> present)
    {
        foreach (var consumer in present)
        {
            Execute("UPDATE consumers SET seen = $now WHERE id = $id", ("$now", Millis(now)), ("$id", consumer));
        }
        var forgotten = new List<string>();
        if (options.ConsumerRetention > TimeSpan.Zero)
        {
            using (var reader = Command("DELETE FROM consumers WHERE seen < $limit RETURNING consumer || ' of topic ' || topic", ("$limit", Millis(now - options.ConsumerRetention))).ExecuteReader())
            {
                while (reader.Read())
                {
                    forgotten.Add(reader.GetString(0));
                }
            }
            if (forgotten.Count > 0)
            {
                Execute("DELETE FROM deliveries WHERE consumer NOT IN (SELECT id FROM consumers)");
            }
        }
        Execute("DELETE FROM messages WHERE published < $limit AND NOT EXISTS (SELECT 1 FROM deliveries WHERE deliveries.seq = messages.seq)",
            ("$limit", Millis(now - options.Retention)));
        return forgotten;
    }

    public void Dispose()
    {
        foreach (var command in commands.Values)
        {
            command.Dispose();
        }
        commands.Clear();
        connection.Dispose();
        ownerLock?.Dispose();
    }

    private void Migrate()
    {
        var version = Scalar("PRAGMA user_version");
        if (version > SchemaVersion)
        {
            throw new InvalidOperationException($"{options.DataSource} was written by a newer version of this host (schema {version}); this one knows schema {SchemaVersion}");
        }
        if (version == SchemaVersion)
        {
            return;
        }
        Begin(durable: true);
        // Another process may have been faster.
        if (Scalar("PRAGMA user_version") == 0)
        {
            Execute(Schema);
            Execute($"PRAGMA user_version = {SchemaVersion}");
        }
        Commit();
    }

    private PubSubMessage Read(long sequence)
    {
        using var reader = Command("SELECT data, metadata FROM messages WHERE seq = $seq", ("$seq", sequence)).ExecuteReader();
        if (!reader.Read())
        {
            throw new InvalidDataException($"{options.DataSource}: message {sequence} is owed to a consumer but missing; the file is damaged");
        }
        var metadata = reader.IsDBNull(1) ? PubSubMessage.NoMetadata : JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(1))!;
        return new PubSubMessage(reader.GetFieldValue<byte[]>(0), null, metadata);
    }

    private void End()
    {
        transaction?.Dispose();
        transaction = null;
    }

    private int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Command(sql, parameters).ExecuteNonQuery();

    private long Scalar(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => (long)Command(sql, parameters).ExecuteScalar()!;

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this class
            command.CommandText = sql;
#pragma warning restore CA2100
            commands[sql] = command;
        }
        command.Transaction = transaction;
        command.Parameters.Clear();
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }
        return command;
    }

    private string OwnerFile(string id) => $"{options.DataSource}-owner-{id}";

    private bool IsDead(string id)
    {
        if (options.InMemory)
        {
            return false;
        }
        var path = OwnerFile(id);
        if (!File.Exists(path))
        {
            return true;
        }
        try
        {
            using (new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
                File.Delete(path);
            }
            return true;
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Events hold what people wrote: nobody but the owner of the process reads the file. SQLite gives its other files the same mode.</summary>
    private static void CreatePrivate(string path)
    {
        var create = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        new FileStream(path, create).Dispose();
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> data) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(data, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length ? segment.Array : data.ToArray();

    private static string? Metadata(PubSubMessage message) => message.Metadata.Count == 0 ? null : JsonSerializer.Serialize(message.Metadata);

    private static long Millis(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
