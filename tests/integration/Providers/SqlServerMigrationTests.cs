using System.Reflection;
using FluentMigrator.Runner;
using FluentMigrator.Runner.Initialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tarasol.Messaging;
using Tarasol.Tenancy.Databases;
using Tarasol.Tenancy.Migrations;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>What every service's migrations say to SQL Server, without one.</summary>
public sealed class SqlServerMigrationTests
{
    public static TheoryData<string> Services => new("identity", "tenant", "directory", "admin", "numbering", "task", "correspondence", "delegation", "profile", "audit");

    [Theory]
    [MemberData(nameof(Services))]
    public void Every_statement_of_the_migrations_is_well_formed(string appId)
    {
        var statements = Statements(appId);
        Assert.Contains(statements, sql => sql.StartsWith("CREATE TABLE", StringComparison.Ordinal) && sql.Contains("outbox_message", StringComparison.Ordinal));
        Assert.DoesNotContain(statements, sql => sql.Contains("UNIQUEIDENTIFIER", StringComparison.OrdinalIgnoreCase));
        Assert.All(statements, sql => Assert.Null(TSql.Error(sql)));
    }

    [Fact]
    public void Every_service_that_has_a_database_is_looked_at() => Assert.Equal(
        SqlServerMigrationTests.Services.Select(row => row.Data).Order(StringComparer.Ordinal),
        System.IO.Directory.GetFiles(AppContext.BaseDirectory, "Tarasol.*.dll").Select(file => Assembly.Load(Path.GetFileNameWithoutExtension(file)))
            .Where(assembly => assembly.GetTypes().Any(type => type.BaseType == typeof(FluentMigrator.ForwardOnlyMigration)) && assembly.EntryPoint is not null && assembly != typeof(SqlServerMigrationTests).Assembly)
            .Select(assembly => assembly.GetName().Name!["Tarasol.".Length..].ToLowerInvariant()).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("tarasol_a-b_task")]
    [InlineData("it's ]")]
    public void The_statements_that_make_a_database_are_well_formed(string name) =>
        Assert.All(CreateDatabase.SqlServerStatements(name), sql => Assert.Null(TSql.Error(sql)));

    [Fact]
    public void The_parser_notices_what_is_wrong() => Assert.NotNull(TSql.Error("SELECT * FROM a LIMIT 1 OFFSET 2"));

    private static List<string> Statements(string appId)
    {
        var kept = new Kept();
        using var services = new ServiceCollection()
            .AddFluentMigratorCore()
            .ConfigureRunner(runner => TenantMigrator.AddSqlServer(runner)
                .ScanIn(Assembly.Load($"Tarasol.{char.ToUpperInvariant(appId[0])}{appId[1..]}"), typeof(MessagingSetup).Assembly).For.Migrations())
            .Configure<RunnerOptions>(options => options.NoConnection = true)
            .AddLogging(logs => logs.SetMinimumLevel(LogLevel.Trace).AddProvider(kept))
            .BuildServiceProvider();
        using var scope = services.CreateScope();
        scope.ServiceProvider.GetRequiredService<IMigrationRunner>().MigrateUp();
        return kept.Sql;
    }

    private sealed class Kept : ILoggerProvider, ILogger
    {
        public List<string> Sql { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // FluentMigrator's event of a statement.
            if (eventId.Id == 1003)
                Sql.Add(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
