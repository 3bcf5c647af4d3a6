using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Tests.Integration.Isolation;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>The main flows, run on SQLite, with all that EF Core would say to SQL Server instead.</summary>
public sealed partial class SqlServerStatementTests
{
    // Of ASP.NET Core Identity and OpenIddict, which have tables for what is not used here.
    private static readonly string[] Libraries = ["account_claim", "account_login", "account_token", "role_claim", "scope", "authorization_grant"];

    // With what only a mail holds, and after a failure that the test of provisioning makes.
    private static readonly string[] Elsewhere = ["POST /connect/confirm", "POST /connect/reset", "POST /api/tenant/tenants/{slug}/provisioning/retry"];

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

        Assert.All(mesh.Commands.Texts.Keys, sql => Assert.Null(TSql.Error(sql)));
        Assert.Empty(mesh.Commands.Failures);
        // What no flow goes through is not looked at, here or on PostgreSQL.
        Assert.Empty(await mesh.UnansweredAsync());
        Assert.All(mesh.Commands.Tables.Distinct().Except(Libraries), table => Assert.True(Says($"INSERT INTO [{table}]") && Says($"FROM [{table}]", $"JOIN [{table}]"), table));

        bool Says(params string[] parts) => mesh.Commands.Texts.Keys.Any(sql => parts.Any(part => sql.Contains(part, StringComparison.Ordinal)));
    }

    private sealed class RecordedMesh() : TestMesh("directory", "admin", "numbering", "task", "correspondence", "delegation", "profile", "audit")
    {
        private readonly ConcurrentDictionary<string, bool> answered = new();

        public SqlServerTwin.Commands Commands { get; } = new();

        /// <summary>Public operations that have not been answered with a success.</summary>
        public async Task<IEnumerable<string>> UnansweredAsync()
        {
            var all = new List<string>();
            foreach (var appId in AppIds)
            {
                using var client = Client(appId);
                all.AddRange(Operation.Of(appId, JsonElement.Parse(await client.GetStringAsync("openapi/v1.json"))).Select(operation => operation.Name));
            }
            return all.Except(answered.Keys).Except(Elsewhere).Order(StringComparer.Ordinal);
        }

        protected override void Configure(string appId, IServiceCollection services)
        {
            SqlServerTwin.Record(services, Commands);
            services.AddSingleton<IStartupFilter>(new NoteAnswers(answered));
        }
    }

    private sealed class NoteAnswers(ConcurrentDictionary<string, bool> answered) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, rest) =>
            {
                await rest(context);
                if (context.Response.StatusCode < 300 && context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route })
                    answered[$"{context.Request.Method} /{Constraint().Replace(route.Trim('/'), "")}"] = true;
            });
            next(app);
        };
    }

    [GeneratedRegex(@"(?<=\{\w+):\w+")]
    private static partial Regex Constraint();
}
