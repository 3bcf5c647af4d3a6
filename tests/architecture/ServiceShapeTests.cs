using System.Text.RegularExpressions;

namespace Tarasol.Tests.Architecture;

/// <summary>Whoever knows one service finds their way in all of them.</summary>
public partial class ServiceShapeTests
{
    private const int LongestProgram = 40;

    public static TheoryData<string> Services => [.. Repository.Services];

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_folder_has_a_name_that_Dapr_and_Kubernetes_take(string service) => Assert.Matches("^[a-z]+(-[a-z]+)*$", service);

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_is_one_project(string service)
    {
        var project = Assert.Single(Repository.Files($"services/{service}", "*.csproj"));
        Assert.Equal($"services/{service}", Path.GetDirectoryName(project));
        Assert.Equal($"Tarasol.{string.Concat(service.Split('-').Select(part => char.ToUpperInvariant(part[0]) + part[1..]))}.csproj", Path.GetFileName(project));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void The_app_id_is_the_folder(string service) =>
        Assert.Equal([service], AppId().Matches(Repository.Read($"services/{service}/Program.cs")).Select(match => match.Groups["id"].Value));

    [Theory]
    [MemberData(nameof(Services))]
    public void Program_is_a_table_of_contents(string service) =>
        Assert.InRange(File.ReadAllLines(Repository.PathOf($"services/{service}/Program.cs")).Length, 1, LongestProgram);

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_tells_on_one_page_what_it_owns_publishes_hears_and_calls(string service)
    {
        var readme = Repository.Read($"services/{service}/README.md");
        Assert.StartsWith($"# {service}\n", readme, StringComparison.Ordinal);
        foreach (var part in (string[])["Owns", "Publishes", "Subscribes", "Calls"])
            Assert.Contains(part, readme, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Public_routes_begin_with_api_and_the_folder(string service) => Assert.All(PublicRoutes(service), route =>
        Assert.True(route.Value == $"/api/{service}" || route.Value.StartsWith($"/api/{service}/", StringComparison.Ordinal), $"{route.File}: {route.Value}"));

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_with_public_routes_holds_its_own_permissions(string service)
    {
        if (PublicRoutes(service).Count == 0)
            return;
        var text = Repository.Read($"services/{service}/Permissions.cs");
        var permissions = Literal().Matches(text).Select(match => match.Groups["text"].Value).ToList();
        Assert.NotEmpty(permissions);
        Assert.All(permissions, permission => Assert.Matches($"^{service}\\.[a-z-]+\\.[a-z-]+$", permission));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Every_permission_is_declared_with_its_names(string service)
    {
        if (!File.Exists(Repository.PathOf($"services/{service}/Permissions.cs")))
            return;
        var text = Repository.Read($"services/{service}/Permissions.cs");
        var constants = PermissionConstant().Matches(text).Select(match => match.Groups["name"].Value).ToList();
        Assert.Equal(constants, PermissionEntry().Matches(text).Select(match => match.Groups["name"].Value));
        Assert.Contains("AddPermissions(Permissions.All)", Repository.Read($"services/{service}/Program.cs"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Internal_routes_take_service_tokens_only(string service)
    {
        foreach (var file in Repository.Files($"services/{service}", "*.cs"))
        {
            foreach (var statement in Repository.Read(file).Split(';').Where(part => InternalRoute().IsMatch(part)))
                Assert.True(statement.Contains("RequireService()", StringComparison.Ordinal), $"{file}: {statement.Trim()}");
        }
    }

    [Fact]
    public void Every_service_has_its_Kubernetes_file_once_there_are_any()
    {
        if (!Directory.Exists(Repository.PathOf("k8s/base")))
            return;
        Assert.All(Repository.Services, service => Assert.True(File.Exists(Repository.PathOf($"k8s/base/{service}.yaml")), $"k8s/base/{service}.yaml is missing"));
    }

    private static List<(string File, string Value)> PublicRoutes(string service) =>
    [
        .. Repository.Files($"services/{service}", "*.cs").SelectMany(file => ApiRoute().Matches(Repository.Read(file)).Select(match => (file, match.Groups["route"].Value))),
    ];

    [GeneratedRegex("""AddTarasolService\("(?<id>[^"]*)"\)""")]
    private static partial Regex AppId();

    [GeneratedRegex("""Map(?:Group|Get|Post|Put|Patch|Delete|Methods)\(\s*"(?<route>/?api/[^"]*)""")]
    private static partial Regex ApiRoute();

    [GeneratedRegex("""Map(?:Get|Post|Put|Patch|Delete|Methods)\(\s*"/?internal/""")]
    private static partial Regex InternalRoute();

    [GeneratedRegex("""public const string (?<name>\w+) =""")]
    private static partial Regex PermissionConstant();

    [GeneratedRegex("""new\((?<name>\w+), new\(""")]
    private static partial Regex PermissionEntry();

    [GeneratedRegex("""= "(?<text>[^"]*)";""")]
    private static partial Regex Literal();
}
