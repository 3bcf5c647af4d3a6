using Microsoft.Extensions.DependencyInjection;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>The main flows, run on SQLite, with all that EF Core would say to SQL Server instead.</summary>
[Trait("Scale", "large")]
public sealed class SqlServerStatementTests
{
    [Fact]
    public async Task Every_query_and_change_of_the_main_flows_is_well_formed()
    {
        await using var mesh = new RecordedMesh();
        await mesh.InitializeAsync();
        await MainFlows.LetterAsync(await mesh.NewTenantAsync());
        await MainFlows.RegistrationAsync(await mesh.NewTenantAsync());
        await MainFlows.RepeatedWriteAsync(await mesh.NewTenantAsync());
        await MainFlows.SignInAsync(await mesh.NewTenantAsync());
        await PeopleFlows.DirectoryAsync(await mesh.NewTenantAsync());
        await PeopleFlows.DelegationAsync(await mesh.NewTenantAsync());
        await MainFlows.RegisterAsync(await mesh.NewTenantAsync());
        await WorkFlows.CircuitAsync(await mesh.NewTenantAsync());
        await WorkFlows.ReferralAsync(await mesh.NewTenantAsync());
        await WorkFlows.InboxAsync(await mesh.NewTenantAsync());
        await SettingsFlows.SettingsAsync(await mesh.NewTenantAsync());
        await SettingsFlows.AccountsAsync(await mesh.NewTenantAsync());
        await MainFlows.ArchiveAsync(await mesh.NewTenantAsync());
        await SettingsFlows.CatalogueAsync(await mesh.NewTenantAsync());

        var statements = mesh.Commands.Texts.Keys;
        foreach (var (table, start) in new[] { "letter", "letter_link", "letter_type_version", "setting", "unit", "account", "token", "work_item", "allocation", "register_entry", "number_block", "audit_entry", "outbox_message", "tenant", "position", "party", "party_word", "delegation", "person_fact", "profile" }.SelectMany(table => new[] { (table, "INSERT INTO"), (table, "FROM") }))
            Assert.Contains(statements, sql => sql.Contains($"{start} [{table}]", StringComparison.Ordinal));
        Assert.All(statements, sql => Assert.Null(TSql.Error(sql)));
        Assert.Empty(mesh.Commands.Failures);
    }

    private sealed class RecordedMesh() : TestMesh("directory", "admin", "numbering", "task", "correspondence", "delegation", "profile", "audit")
    {
        public SqlServerTwin.Commands Commands { get; } = new();

        protected override void Configure(string appId, IServiceCollection services) => SqlServerTwin.Record(services, Commands);
    }
}
