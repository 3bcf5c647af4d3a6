using Tarasol.Mesh;
using Tarasol.Mesh.Tye;
using Tarasol.Mesh.Up;

namespace Tarasol.Tests.Unit.Mesh;

public sealed class DaprdPlanTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Folders => [.. Directory.GetDirectories(Path.Combine(TyeApplication.Find().Root, "components")).Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Every_folder_of_components_but_the_embedded_one_is_for_daprd_too(string components)
    {
        if (components == "embedded")
            Assert.Contains("is one that daprd does not have", Assert.Throws<MeshException>(() => Make(components)).Message, StringComparison.Ordinal);
        else
            Assert.Equal(["placement", "scheduler", "daprd.a", "daprd.b"], Make(components).SelectMany(group => group).Select(unit => unit.Name));
    }

    [Fact]
    public void No_port_is_given_twice()
    {
        var flags = Make("redis").SelectMany(group => group).SelectMany(unit => unit.Arguments.Zip(unit.Arguments.Skip(1)));
        var ports = flags.Where(pair => pair.First.EndsWith("port", StringComparison.Ordinal) && !pair.First.StartsWith("--override", StringComparison.Ordinal)).Select(pair => pair.Second).ToList();
        Assert.Equal(15, ports.Count);
        Assert.Equal(ports.Count, ports.Distinct().Count());
    }

    [Fact]
    public void Tokens_are_in_the_environment_and_not_among_the_arguments()
    {
        var daprd = Make("redis")[1][0];
        Assert.Equal(("api token a", "app token a"), (daprd.Environment["DAPR_API_TOKEN"], daprd.Environment["APP_API_TOKEN"]));
        Assert.DoesNotContain(daprd.Arguments, argument => argument.Contains("token", StringComparison.OrdinalIgnoreCase));
    }

    private IReadOnlyList<IReadOnlyList<UnitPlan>> Make(string components)
    {
        List<SidecarApp> apps = [new("a", 1001, 1002, 1003, "api token a", "app token a"), new("b", 1004, 1005, 1006, "api token b", "app token b")];
        return DaprdPlan.Make(new DaprPrograms("daprd", "placement", "scheduler"), apps, [Path.Combine(TyeApplication.Find().Root, "components", components)], [], new DataFolder(folder.Path), new FreePorts([]));
    }
}
