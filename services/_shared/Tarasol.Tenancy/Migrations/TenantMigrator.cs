using System.Collections.Concurrent;
using System.Data;
using System.Reflection;
using FluentMigrator.Expressions;
using FluentMigrator.Model;
using FluentMigrator.Runner;
using FluentMigrator.Runner.Generators;
using FluentMigrator.Runner.Generators.SQLite;
using FluentMigrator.Runner.Generators.SqlServer;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Databases;

namespace Tarasol.Tenancy.Migrations;

/// <summary>Brings a tenant's database of this service up to date, once in the life of the process.</summary>
public sealed class TenantMigrator(MigrationAssemblies assemblies, TenantConnections connections, ILogger<TenantMigrator> log)
{
    private readonly ConcurrentDictionary<string, Lazy<Task>> done = new();

    /// <summary>Returns when the database is up to date. A failure is not remembered: the next caller tries again.</summary>
    public async Task EnsureAsync(TenantEntry tenant, string connectionString, CancellationToken cancel)
    {
        var migration = done.GetOrAdd(tenant.Slug, _ => new(() => Task.Run(() => MigrateAsync(tenant, connectionString), CancellationToken.None)));
        try
        {
            await migration.Value.WaitAsync(cancel);
        }
        catch when (migration.Value.IsFaulted)
        {
            done.TryRemove(new(tenant.Slug, migration));
            throw;
        }
    }

    private async Task MigrateAsync(TenantEntry tenant, string connectionString)
    {
        using var lease = connections.BudgetOf(tenant.Database) is { } budget ? await budget.EnterAsync(connectionString, CancellationToken.None) : null;
        Migrate(tenant, connectionString);
    }

    private void Migrate(TenantEntry tenant, string connectionString)
    {
        var provider = tenant.Database.Provider;
        if (provider == DatabaseProvider.Sqlite)
            PrepareSqlite(connectionString);
        using var services = new ServiceCollection()
            .AddFluentMigratorCore()
            .ConfigureRunner(runner => Add(runner, provider)
                .WithGlobalConnectionString(connectionString)
                .ScanIn([.. assemblies.All]).For.Migrations())
            .BuildServiceProvider();
        using var scope = services.CreateScope();
        var before = scope.ServiceProvider.GetRequiredService<IVersionLoader>().VersionInfo.Latest();
        scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp();
        var loader = scope.ServiceProvider.GetRequiredService<IVersionLoader>();
        loader.LoadVersionInfo();
        if (loader.VersionInfo.Latest() is var after && after != before)
            log.LogInformation("Database of tenant {Tenant} migrated from version {Before} to {After}", tenant.Slug, before, after);
    }

    private static IMigrationRunnerBuilder Add(IMigrationRunnerBuilder runner, DatabaseProvider provider) => provider switch
    {
        DatabaseProvider.Sqlite => AddSqlite(runner),
        DatabaseProvider.Postgres => runner.AddPostgres(),
        _ => AddSqlServer(runner),
    };

    internal static IMigrationRunnerBuilder AddSqlServer(IMigrationRunnerBuilder runner)
    {
        runner.AddSqlServer();
        runner.Services.AddScoped<SqlServer2016Generator, SortableIds>();
        return runner;
    }

    private static IMigrationRunnerBuilder AddSqlite(IMigrationRunnerBuilder runner)
    {
        runner.AddSQLite();
        runner.Services.AddScoped<ISQLiteTypeMap, SqliteTypes>();
        return runner;
    }

    // Write-ahead logging is a property of the file: readers and the one writer do not wait for each other.
    private static void PrepareSqlite(string connectionString)
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL";
        command.ExecuteNonQuery();
    }
}

/// <summary>FluentMigrator knows no SQLite type for a time with offset; ours are sortable text (see ModelConventions).</summary>
internal sealed class SqliteTypes : ISQLiteTypeMap
{
    private readonly SQLiteTypeMap others = new(useStrictTables: false);

    public string GetTypeMap(DbType type, int? size, int? precision) => type == DbType.DateTimeOffset ? "TEXT" : others.GetTypeMap(type, size, precision);
}

/// <summary>SQL Server sorts its own type for UUIDs by their last bytes; ours are sixteen bytes in the order of time (see ModelConventions).</summary>
internal sealed class SortableIds(SqlServer2008Quoter quoter, IOptions<GeneratorOptions> options) : SqlServer2016Generator(quoter, options)
{
    public override string Generate(CreateTableExpression expression)
    {
        foreach (var column in expression.Columns)
            Sortable(column);
        return base.Generate(expression);
    }

    public override string Generate(CreateColumnExpression expression)
    {
        Sortable(expression.Column);
        return base.Generate(expression);
    }

    public override string Generate(AlterColumnExpression expression)
    {
        Sortable(expression.Column);
        return base.Generate(expression);
    }

    private static void Sortable(ColumnDefinition column)
    {
        if (column.Type == DbType.Guid)
            (column.Type, column.CustomType) = (null, "BINARY(16)");
    }
}

/// <summary>Where the migrations of this service are.</summary>
/// <param name="All">The service's own and those of the libraries that it uses.</param>
public sealed record MigrationAssemblies(IList<Assembly> All);
