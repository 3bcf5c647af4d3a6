using Dapr.Workflow;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tarasol.Tests.WorkflowApp;

// Where the sidecar is comes from DAPR_GRPC_PORT. With a file as argument, the activities note their effects in it.
var builder = Host.CreateApplicationBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Error);
builder.Services.AddDaprWorkflow(options =>
{
    LoadWorkflows.Register(options);
    if (args is [var file])
        MixedWorkflows.Register(options, new Effects(file));
});
await builder.Build().RunAsync();
