using System.Text.RegularExpressions;
using Dapr.Workflow;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tarasol.Tests.E2e.Sdk;

/// <summary>A workflow worker of the published Node SDK and a .NET app with Tarasol.Workflow, two app-ids in two host processes, call one another. The cases are in node/crossapp.test.js.</summary>
public sealed partial class NodeWorkflowTests
{
    [Fact]
    public async Task A_Node_workflow_calls_activities_of_a_NET_app_and_the_other_way_round()
    {
        await NodeSdk.RequireAsync();
        await using var node = await StandaloneSidecar.StartAsync("node", "http");
        await using var dotnet = await StandaloneSidecar.StartAsync("dotnet", "http", node.Folder);
        using var app = DotNetApp(dotnet.GrpcPort);
        await app.StartAsync(TestContext.Current.CancellationToken);
        var (exitCode, output) = await NodeSdk.RunAsync("crossapp.test.js", new() { ["DAPR_GRPC_PORT"] = $"{node.GrpcPort}", ["DOTNET_HTTP_PORT"] = $"{dotnet.HttpPort}" });
        await app.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(exitCode == 0, $"{output}\n--- sidecar of node\n{node.Output}\n--- sidecar of dotnet\n{dotnet.Output}");
        Assert.Equal(6, Passed().Count(output));
    }

    private static IHost DotNetApp(int grpcPort)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("DAPR_GRPC_PORT", $"{grpcPort}")]);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.Services.AddDaprWorkflow(options =>
        {
            options.RegisterActivity<string, Letter>("RegisterLetter", (_, subject) => Task.FromResult(new Letter(17, subject)));
            options.RegisterActivity<int, int>("Double", (_, number) => Task.FromResult(2 * number));
            options.RegisterActivity<string, int>("Refuse", (_, what) => throw new InvalidOperationException($"the desk refuses {what}"));
            options.RegisterWorkflow<string, string>("Guest", async (context, subject) => $"{subject} doubled {await context.CallActivityAsync<int>("Double", 21)}");
            options.RegisterWorkflow<string, string>("AsksNode", async (context, name) =>
            {
                var loud = await context.CallActivityAsync<string>("shout", name, new WorkflowTaskOptions(TargetAppId: "node"));
                return $"{loud}: {await context.CallChildWorkflowAsync<string>("greets", name, new ChildWorkflowTaskOptions(TargetAppId: "node"))}";
            });
        });
        return builder.Build();
    }

    [GeneratedRegex(@"^ {4}ok ", RegexOptions.Multiline)]
    private static partial Regex Passed();

    private sealed record Letter(int Number, string Subject);
}
