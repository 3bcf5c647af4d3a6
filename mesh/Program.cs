using System.CommandLine;
using Tarasol.Mesh;
using Tarasol.Mesh.DaprYaml;
using Tarasol.Mesh.Demo;
using Tarasol.Mesh.Logs;
using Tarasol.Mesh.Status;
using Tarasol.Mesh.Up;
using Tarasol.Mesh.VerifyRegister;

var root = new RootCommand("Starts, watches and tries out the Tarasol mesh.") { UpCommand.Create(), StatusCommand.Create(), LogsCommand.Create(), DemoCommand.Create(), VerifyRegisterCommand.Create(), DaprYamlCommand.Create() };
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (MeshException exception)
{
    Screen.Error(exception.Message);
    return 1;
}
