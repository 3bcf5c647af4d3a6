using Tarasol.Mesh.DaprYaml;
using Tarasol.Mesh.Tye;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Tests.Unit.Mesh;

public sealed class DaprRunFileTests
{
    private static readonly TyeApplication Application = TyeApplication.Find();

    [Fact]
    public void The_committed_file_is_the_one_that_tye_yaml_gives() =>
        Assert.Equal(DaprRunFile.Write(Application, DaprRunFile.DefaultComponents), File.ReadAllText(Path.Combine(Application.Root, DaprRunFile.Name)).ReplaceLineEndings("\n"));

    [Fact]
    public void It_names_each_service_with_its_folder_and_a_port_of_its_own()
    {
        var apps = (YamlSequenceNode)Parse()["apps"];
        Assert.Equal(Application.Services.Select(service => service.Name), apps.Select(app => (string?)app["appID"]));
        Assert.Equal(apps.Children.Count, apps.Select(app => (string?)app["appPort"]).Distinct().Count());
        Assert.All(apps, app =>
        {
            var folder = Path.Combine(Application.Root, (string)app["appDirPath"]!);
            Assert.True(Directory.EnumerateFiles(folder, "*.csproj").Any(), folder);
            Assert.EndsWith($":{(string?)app["appPort"]}", (string?)app["env"]["ASPNETCORE_URLS"], StringComparison.Ordinal);
            Assert.Equal(Path.Combine(Application.Root, ".tarasol"), Path.GetFullPath(Path.Combine(folder, (string)app["env"]["TARASOL_DATA"]!)));
        });
    }

    [Fact]
    public void Its_folders_and_its_configuration_are_there()
    {
        var common = Parse()["common"];
        Assert.All((YamlSequenceNode)common["resourcesPaths"], folder => Assert.True(Directory.Exists(Path.Combine(Application.Root, (string)folder!)), (string?)folder));
        Assert.True(File.Exists(Path.Combine(Application.Root, (string)common["configFilePath"]!)));
    }

    private static YamlNode Parse()
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(Application.Root, DaprRunFile.Name))));
        return stream.Documents[0].RootNode;
    }
}
