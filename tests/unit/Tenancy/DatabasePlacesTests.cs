using Microsoft.Extensions.Configuration;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Tests.Unit.Tenancy;

public sealed class DatabasePlacesTests
{
    [Fact]
    public void Without_settings_databases_are_files() =>
        Assert.Equal(new(DatabaseProvider.Sqlite, "tenants/acme/task.db"), From().Of("acme", "task"));

    [Theory]
    [InlineData("postgres", DatabaseProvider.Postgres)]
    [InlineData("sqlserver", DatabaseProvider.SqlServer)]
    public void A_server_is_named_by_its_secret(string name, DatabaseProvider provider)
    {
        var places = From(("TARASOL_DATABASE", name), ("TARASOL_DATABASE_SECRET", "main"));
        Assert.Equal(new(provider, "tarasol_acme_task", "main"), places.Of("acme", "task"));
        Assert.Equal(new("platform", TenantStatus.Active, new(provider, "tarasol_platform_task", "main")), places.Platform("task"));
    }

    [Theory]
    [InlineData("oracle", "main")]
    [InlineData("1", "main")]
    [InlineData("postgres", null)]
    public void Settings_that_do_not_go_together_stop_the_service(string name, string? secret) =>
        Assert.Throws<InvalidOperationException>(() => From(("TARASOL_DATABASE", name), ("TARASOL_DATABASE_SECRET", secret)));

    [Fact]
    public void No_name_is_longer_than_PostgreSQL_takes_and_none_is_given_twice()
    {
        var places = new DatabasePlaces(DatabaseProvider.Postgres, "main");
        var longest = new string('a', 40);
        var names = new[] { "correspondence", "notification-email", "notification-emails", "task" }.Select(appId => places.Of(longest, appId).Database).ToList();
        Assert.All(names, name => Assert.InRange(name.Length, 1, 63));
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    private static DatabasePlaces From(params (string Key, string? Value)[] settings) => DatabasePlaces.From(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value))).Build());
}
