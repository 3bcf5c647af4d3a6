using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>The main flows of every service on every database program, in one deployment.</summary>
[Trait("Scale", "large")]
public sealed class ProviderTests(ProvidersMesh mesh, SharedPostgres postgres) : IClassFixture<ProvidersMesh>
{
    public static TheoryData<string> Providers => new("sqlite", "postgres", "sqlserver");

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_letter_goes_its_whole_way(string provider) => await MainFlows.LetterAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task What_several_change_at_the_same_time_is_made_once_or_refused(string provider) => await MainFlows.AtTheSameTimeAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_letter_is_registered_by_its_type(string provider) => await MainFlows.RegistrationAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_write_that_is_repeated_with_its_key_has_one_effect(string provider) => await MainFlows.RepeatedWriteAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task People_sign_in_are_locked_out_and_refresh_once(string provider) => await MainFlows.SignInAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task The_register_of_numbers_is_kept_and_right(string provider) => await MainFlows.RegisterAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Units_positions_and_parties_change_and_what_was_stays_known(string provider) => await PeopleFlows.DirectoryAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task People_delegate_and_choose(string provider) => await PeopleFlows.DelegationAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_letter_follows_a_circuit_with_every_decision(string provider) => await WorkFlows.CircuitAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Letters_are_referred_closed_and_reopened(string provider) => await WorkFlows.ReferralAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Each_view_of_the_inbox_and_each_due_time_is_right(string provider) => await WorkFlows.InboxAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Settings_are_drafted_published_and_carried_over(string provider) => await SettingsFlows.SettingsAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Accounts_roles_and_apps_are_kept(string provider) => await SettingsFlows.AccountsAsync(await TenantOnAsync(provider));

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_tenant_is_archived_with_all_its_data(string provider) => await MainFlows.ArchiveAsync(await TenantOnAsync(provider));

    [Fact]
    public async Task Each_service_has_a_database_of_its_own_on_the_server()
    {
        var tenant = await TenantOnAsync("postgres");
        await using var server = new NpgsqlConnection(await postgres.ConnectionStringAsync());
        await server.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("SELECT datname FROM pg_database WHERE datname LIKE $1 ORDER BY 1", server) { Parameters = { new() { Value = $"tarasol\\_{tenant.Slug}\\_%" } } };
        var names = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            names.Add(reader.GetString(0));
        Assert.Equal(mesh.AppIds.Order(StringComparer.Ordinal).Select(appId => $"tarasol_{tenant.Slug}_{appId}"), names);
        Assert.False(System.IO.Directory.Exists(Path.Combine(mesh.Data, "tenants", tenant.Slug)));
    }

    [Theory]
    [InlineData("sqlite", "postgres-main", "database.serverSecret")]
    [InlineData("postgres", null, "database.serverSecret")]
    [InlineData("oracle", "postgres-main", "database.provider")]
    [InlineData("postgres", "../secret", "database.serverSecret")]
    public async Task A_place_that_cannot_be_is_refused(string provider, string? secret, string field)
    {
        using var tenants = mesh.Client("tenant", await mesh.OperatorTokenAsync());
        using var answer = await tenants.PostAsJsonAsync("api/tenant/tenants", new
        {
            slug = "refused-place", nameAr = "جهة", nameEn = "Office", adminUserName = "admin", adminPassword = "Admin-Pass-1", database = new { provider, serverSecret = secret },
        });
        Assert.Equal([field], await answer.BadFieldsAsync());
    }

    [Theory]
    [InlineData("no-such-secret")]
    [InlineData("operator-password")]
    public async Task A_server_that_cannot_be_reached_is_reported_for_each_service_and_no_secret_is_told(string secret)
    {
        using var tenants = mesh.Client("tenant", await mesh.OperatorTokenAsync());
        var slug = $"t{Guid.NewGuid():N}"[..16];
        using var made = await tenants.PostAsJsonAsync("api/tenant/tenants", new
        {
            slug, nameAr = "جهة", nameEn = "Office", adminUserName = "admin", adminPassword = "Admin-Pass-1", database = new { provider = "postgres", serverSecret = secret },
        });
        await TestMesh.EnsureAsync(made);
        JsonElement tenant = default;
        await TestMesh.EventuallyAsync("every step to have failed", async () =>
        {
            tenant = await tenants.GetFromJsonAsync<JsonElement>($"api/tenant/tenants/{slug}");
            return tenant.GetProperty("provisioning").EnumerateArray().Where(step => step.Text("name") != "first-admin").All(step => step.GetProperty("attempts").GetInt32() > 0);
        });
        Assert.Equal("provisioning", tenant.Text("status"));
        Assert.DoesNotContain(mesh.OperatorPassword, tenant.GetRawText(), StringComparison.Ordinal);
    }

    private async Task<TestTenant> TenantOnAsync(string provider)
    {
        Assert.SkipWhen(provider == "sqlserver" && string.IsNullOrEmpty(ProvidersMesh.SqlServer), "TARASOL_TEST_SQLSERVER does not hold a connection string");
        return await mesh.NewTenantAsync(provider switch
        {
            "sqlite" => null,
            "postgres" => new { provider, serverSecret = ProvidersMesh.PostgresSecret },
            _ => new { provider, serverSecret = ProvidersMesh.SqlServerSecret },
        });
    }
}
