using Microsoft.Extensions.Configuration;
using Tarasol.Tenants.Provisioning;

namespace Tarasol.Tests.Unit.Tenant;

public sealed class ServiceListTests
{
    [Fact]
    public void Without_the_setting_every_service_is_provisioned() =>
        Assert.Equal(["identity", "tenant", "directory", "admin", "correspondence", "numbering", "task", "delegation", "profile", "audit"], Read(null).AppIds);

    [Fact]
    public void The_setting_is_a_comma_list() => Assert.Equal(["identity", "tenant"], Read(" identity, tenant,,identity").AppIds);

    private static ServiceList Read(string? setting) =>
        ServiceList.From(new ConfigurationBuilder().AddInMemoryCollection([new("TARASOL_SERVICES", setting)]).Build());
}
