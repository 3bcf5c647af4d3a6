using System.Diagnostics;
using Dapr.Workflow;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>Two host processes with the same app and the same store: one runs the workflows, the other takes over.</summary>
[Trait("Scale", "large")]
public sealed class TakeoverTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private readonly string _folder = Directory.CreateTempSubdirectory("takeover-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Only_one_of_two_hosts_runs_the_workflows_and_when_it_is_killed_the_other_does()
    {
        var (first, second) = (FreePort.Next(), FreePort.Next());
        using var one = await StartAsync(first);
        await using var app = await WorkflowApp.StartAsync($"http://127.0.0.1:{first}", Register);
        await RetryAsync(() => app.Client.ScheduleNewWorkflowAsync("Waits", "letter"));
        using var two = await StartAsync(second);
        try
        {
            // The second worker waits at its host all the time; nothing is asked of it.
            await using var other = await WorkflowApp.StartAsync($"http://127.0.0.1:{second}", Register);
            await Poll.UntilAsync(async () => await RefusalAsync(other.Client) is { } refused && refused.Contains("run by another host", StringComparison.Ordinal), 40);
            Assert.Equal(WorkflowRuntimeStatus.Running, (await app.Client.GetWorkflowStateAsync("letter")).RuntimeStatus);

            one.Kill();
            await one.WaitForExitAsync();
            await RetryAsync(async () =>
            {
                await other.Client.RaiseEventAsync("letter", "go", "went");
                return 0;
            });
            Assert.Equal("went", (await other.Client.WaitForWorkflowCompletionAsync("letter").WaitAsync(Deadline)).ReadOutputAs<string>());
        }
        finally
        {
            foreach (var host in (Process[])[one, two])
            {
                if (!host.HasExited)
                {
                    host.Kill();
                    await host.WaitForExitAsync();
                }
            }
        }
    }

    private static void Register(WorkflowRuntimeOptions options) =>
        options.RegisterWorkflow<object?, string>("Waits", async (context, _) => await context.WaitForExternalEventAsync<string>("go"));

    private static async Task<string?> RefusalAsync(DaprWorkflowClient client)
    {
        try
        {
            await client.GetWorkflowStateAsync("letter");
            return null;
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.Unavailable)
        {
            return refused.Status.Detail;
        }
    }

    private static async Task RetryAsync<T>(Func<Task<T>> call)
    {
        using var limit = new CancellationTokenSource(Deadline);
        while (true)
        {
            try
            {
                await call();
                return;
            }
            catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled && !limit.IsCancellationRequested)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private async Task<Process> StartAsync(int grpc)
    {
        await File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "resources")).FullName, "state.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: statestore }
            spec:
              type: state.sqlite
              version: v1
              metadata: [{ name: connectionString, value: state.db }, { name: actorStateStore, value: "true" }]
            """);
        return Process.Start(new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = _folder,
            ArgumentList =
            {
                typeof(SidecarHost).Assembly.Location, "--app-id", "wf", "--dapr-http-port", $"{FreePort.Next()}", "--dapr-grpc-port", $"{grpc}",
                "--dapr-listen-addresses", "127.0.0.1", "--resources-path", "resources", "--log-level", "error",
            },
        })!;
    }
}
