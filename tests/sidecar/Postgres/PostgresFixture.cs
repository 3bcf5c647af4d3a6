using Npgsql;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Postgres;

/// <summary>A real PostgreSQL for the tests of one class, and a bare connection to look at what lies in it. Each test starts it first, so that each is skipped where there is none.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private TestServer? server;

    public TestServer Server => server!;

    public string Address => $"host=127.0.0.1 port={Server.Port} user=postgres dbname=postgres sslmode=disable";

    public async ValueTask StartAsync()
    {
        await gate.WaitAsync();
        try
        {
            server ??= await PostgresServer.StartAsync("deadlock_timeout=50ms");
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        gate.Dispose();
        if (server is not null)
            await server.DisposeAsync();
    }

    /// <summary>Runs SQL on a connection of its own; the first column of each row as text.</summary>
    public async Task<List<string?>> RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(PostgresServer.ConnectionString(Server));
        await connection.OpenAsync();
#pragma warning disable CA2100 // The tests' own statements.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync();
        var texts = new List<string?>();
        while (await rows.ReadAsync())
            texts.Add(await rows.IsDBNullAsync(0) ? null : rows.GetValue(0).ToString());
        return texts;
    }
}
