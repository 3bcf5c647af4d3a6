using System.Xml.Linq;

namespace Tarasol.Tests.Architecture;

public class ProjectTests
{
    public static TheoryData<string> Projects => [.. AllProjects];

    private static IEnumerable<string> AllProjects => Repository.Files(".", "*.csproj");

    [Theory]
    [MemberData(nameof(Projects))]
    public void Versions_are_pinned_in_one_place(string project)
    {
        var items = XDocument.Load(Repository.PathOf(project)).Descendants();
        Assert.All(items.Where(item => item.Name.LocalName is "PackageReference" or "PackageVersion"), item =>
        {
            Assert.Equal("PackageReference", item.Name.LocalName);
            Assert.Null(item.Attribute("Version"));
            Assert.Null(item.Attribute("VersionOverride"));
        });
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_service_shares_nothing_with_another_but_the_shared_libraries(string project)
    {
        if (!project.StartsWith("services/", StringComparison.Ordinal))
            return;
        var folder = Path.GetDirectoryName(Repository.PathOf(project))!;
        Assert.All(References(project), reference => Assert.StartsWith(
            "services/_shared/", Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(folder, reference))).Replace('\\', '/'), StringComparison.Ordinal));
    }

    [Fact]
    public void The_sidecar_host_stands_alone() => Assert.DoesNotContain(References("mesh/sidecar/Tarasol.Sidecar.csproj"), reference => reference.Contains("services", StringComparison.Ordinal));

    [Fact]
    public void Published_events_depend_on_nothing() => Assert.Empty(References("services/_shared/Tarasol.Contracts/Tarasol.Contracts.csproj"));

    /// <summary>What is not in its list is compiled again in each process, at each start.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_package_of_a_program_is_compiled_ahead(string project)
    {
        if (project.StartsWith("tests/", StringComparison.Ordinal) || project is "mesh/Tarasol.Mesh.csproj" or "services/_shared/Tarasol.Workflow.Testing/Tarasol.Workflow.Testing.csproj")
            return;
        var ahead = Packages("mesh/ahead/Tarasol.Ahead.csproj").ToHashSet();
        Assert.All(Packages(project), package => Assert.Contains(package, ahead));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Moq_is_for_unit_tests(string project)
    {
        if (!project.StartsWith("tests/unit/", StringComparison.Ordinal))
            Assert.DoesNotContain("\"Moq\"", Repository.Read(project), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("Tarasol.sln").Replace('\\', '/');
        Assert.All(AllProjects, project => Assert.Contains($"\"{project}\"", solution, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Packages(string project) => XDocument.Load(Repository.PathOf(project)).Descendants("PackageReference")
        .Where(item => item.Attribute("PrivateAssets") is null).Select(item => item.Attribute("Include")!.Value);

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(Repository.PathOf(project)).Descendants("ProjectReference").Select(item => item.Attribute("Include")!.Value.Replace('\\', '/'));
}
