using System.Reflection;
using NetArchTest.Rules;

namespace Tarasol.Tests.Architecture;

/// <summary>Rules that are seen in the compiled services.</summary>
public class TypeTests
{
    public static TheoryData<string> Assemblies =>
    [
        .. Repository.Services.Select(service => $"Tarasol.{string.Concat(service.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]))}"),
        "Tarasol.ServiceDefaults", "Tarasol.Tenancy", "Tarasol.Messaging", "Tarasol.Contracts", "Tarasol.Workflow", "Tarasol.Workflow.Testing",
    ];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Nothing_is_called_by_a_name_that_says_nothing(string assembly)
    {
        foreach (var suffix in (string[])["Repository", "Manager", "Helper", "Helpers", "Utils", "Util", "Mediator"])
            Holds(Types.InAssembly(Assembly.Load(assembly)).ShouldNot().HaveNameEndingWith(suffix, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Nothing_knows_the_embedded_sidecar_or_the_mesh_command(string assembly) =>
        Holds(Types.InAssembly(Assembly.Load(assembly)).ShouldNot().HaveDependencyOnAny("Tarasol.Sidecar", "Tarasol.Mesh"));

    [Fact]
    public void Service_defaults_know_no_database() =>
        Holds(Types.InAssembly(Assembly.Load("Tarasol.ServiceDefaults")).ShouldNot().HaveDependencyOnAny("Microsoft.EntityFrameworkCore", "FluentMigrator", "Tarasol.Tenancy", "Tarasol.Messaging", "Tarasol.Contracts"));

    [Fact]
    public void Tenancy_knows_no_events() => Holds(Types.InAssembly(Assembly.Load("Tarasol.Tenancy")).ShouldNot().HaveDependencyOnAny("Tarasol.Messaging", "Tarasol.Contracts"));

    private static void Holds(ConditionList rule)
    {
        var result = rule.GetResult();
        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }
}
