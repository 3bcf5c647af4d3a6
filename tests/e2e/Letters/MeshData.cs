using Microsoft.Data.Sqlite;

namespace Tarasol.Tests.E2e.Letters;

/// <summary>What an operator would look for in the databases of a mesh: what no API shows.</summary>
internal static class MeshData
{
    /// <summary>Events that are on their way: not published yet, or not handled yet.</summary>
    public static long Queues(string dataPath) =>
        Databases(dataPath).Sum(file => Count(file, "outbox_message")) + Count(Path.Combine(dataPath, "pubsub.db"), "deliveries");

    /// <summary>Databases that keep events which nobody could handle.</summary>
    public static IReadOnlyList<string> DeadLetters(string dataPath) => [.. Databases(dataPath).Where(file => Count(file, "dead_letter") > 0)];

    private static string[] Databases(string dataPath) => Directory.GetFiles(Path.Combine(dataPath, "tenants"), "*.db", SearchOption.AllDirectories);

    private static long Count(string file, string table)
    {
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{table}'";
        if ((long)command.ExecuteScalar()! == 0)
            return 0;
        command.CommandText = $"SELECT count(*) FROM {table}";
        return (long)command.ExecuteScalar()!;
    }
}
