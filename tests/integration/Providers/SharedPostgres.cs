using Tarasol.Tests.Integration.Providers;
using Tarasol.Tests.Servers;

[assembly: AssemblyFixture(typeof(SharedPostgres))]

namespace Tarasol.Tests.Integration.Providers;

/// <summary>One PostgreSQL for the whole run, started when the first test needs it.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private readonly Lazy<Task<TestServer>> server = new(() => PostgresServer.StartAsync("max_connections=100"));

    /// <summary>Skips the test where PostgreSQL is not installed.</summary>
    public async Task<string> ConnectionStringAsync(string database = "postgres") => PostgresServer.ConnectionString(await server.Value, database);

    public async ValueTask DisposeAsync()
    {
        if (server is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
            await (await server.Value).DisposeAsync();
    }
}
