using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Tarasol.Tests.Load.Letters;

/// <summary>The databases of one tenant, past its services.</summary>
/// <param name="Provider">As the tables name it.</param>
/// <param name="Data">The mesh's data folder.</param>
/// <param name="Server">Connection string of the PostgreSQL server; null: SQLite.</param>
/// <param name="Slug">The tenant.</param>
internal sealed record TenantDatabase(string Provider, string Data, string? Server, string Slug)
{
    public string ConnectionString(string appId) => Server is null
        ? new SqliteConnectionStringBuilder { DataSource = Path.Combine(Data, "tenants", Slug, $"{appId}.db"), DefaultTimeout = 30 }.ConnectionString
        : new NpgsqlConnectionStringBuilder(Server) { Database = $"tarasol_{Slug}_{appId}", CommandTimeout = 120 }.ConnectionString;

    public async Task<DbConnection> OpenAsync(string appId, CancellationToken cancel)
    {
        DbConnection connection = Server is null ? new SqliteConnection(ConnectionString(appId)) : new NpgsqlConnection(ConnectionString(appId));
        await connection.OpenAsync(cancel);
        return connection;
    }

    public async Task<T> AskAsync<T>(string appId, string sql, CancellationToken cancel, params (string Name, object Value)[] parameters)
    {
        await using var connection = await OpenAsync(appId, cancel);
        return await connection.AskAsync<T>(sql, cancel, parameters);
    }
}

internal static class Sql
{
    public static DbCommand Command(this DbConnection connection, string sql, params (string Name, object Value)[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }

    public static async Task RunAsync(this DbConnection connection, string sql, CancellationToken cancel, params (string Name, object Value)[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The first value of the answer; a Guid also where the database keeps it as text.</summary>
    public static async Task<T> AskAsync<T>(this DbConnection connection, string sql, CancellationToken cancel, params (string Name, object Value)[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return await reader.GetFieldValueAsync<T>(0, cancel);
    }
}
