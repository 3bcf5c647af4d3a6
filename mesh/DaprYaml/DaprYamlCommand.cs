using System.CommandLine;
using Tarasol.Mesh.Tye;

namespace Tarasol.Mesh.DaprYaml;

/// <summary>`mesh dapr-yaml`: writes dapr.yaml beside tye.yaml.</summary>
internal static class DaprYamlCommand
{
    public static Command Create()
    {
        var components = new Option<string>("--components")
        {
            Description = "Folder with the Dapr component files, relative to tye.yaml", DefaultValueFactory = _ => DaprRunFile.DefaultComponents,
        };
        var command = new Command("dapr-yaml", "Write dapr.yaml, with which `dapr run -f` starts the services on Dapr's own programs") { components };
        command.SetAction(arguments =>
        {
            var application = TyeApplication.Find();
            var folder = arguments.GetRequiredValue(components);
            if (!Directory.Exists(Path.Combine(application.Root, folder)))
                throw new MeshException($"the components folder {Path.Combine(application.Root, folder)} does not exist");
            var file = Path.Combine(application.Root, DaprRunFile.Name);
            File.WriteAllText(file, DaprRunFile.Write(application, folder));
            Screen.Say($"{file} is written");
        });
        return command;
    }
}
