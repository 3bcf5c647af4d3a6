using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Dapr.Workflow;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;
using Tarasol.Tests.Servers;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>The sidecar host is a process, and it is killed while workflows are under way.</summary>
[Trait("Scale", "large")]
public sealed class KilledHostTests : IDisposable
{
    private const int Workflows = 20;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("killed-workflows-").FullName;

    [Fact]
    public async Task Every_workflow_ends_as_it_should_although_the_host_is_killed_three_times()
    {
        await WriteComponentAsync();
        var (http, grpc) = (FreePort.Next(), FreePort.Next());
        var effects = new ConcurrentDictionary<string, int>();
        var turnsSeen = 0;
        var host = Start(http, grpc);
        try
        {
            await using var app = await WorkflowApp.StartAsync($"http://127.0.0.1:{grpc}", options =>
            {
                options.RegisterActivity<string, string>("Effect", (_, step) =>
                {
                    Interlocked.Increment(ref turnsSeen);
                    effects.AddOrUpdate(step, 1, (_, before) => before + 1);
                    return Task.FromResult(step);
                });
                options.RegisterWorkflow<int, string>("Child", async (context, number) => await context.CallActivityAsync<string>("Effect", $"{number} child"));
                options.RegisterWorkflow<int, int>("Letter", async (context, number) =>
                {
                    var decision = context.WaitForExternalEventAsync<string>("decided");
                    for (var step = 0; step < 5; step++)
                    {
                        await Task.WhenAll(context.CallActivityAsync<string>("Effect", $"{number} a{step}"), context.CallActivityAsync<string>("Effect", $"{number} b{step}"));
                        await context.CreateTimer(TimeSpan.FromMilliseconds(50));
                    }

                    await context.CallChildWorkflowAsync<string>("Child", number);
                    await decision;
                    return number;
                });
            });
            for (var number = 0; number < Workflows; number++)
            {
                await RetryAsync(() => app.Client.ScheduleNewWorkflowAsync("Letter", $"letter-{number}", number));
            }

            for (var kill = 1; kill <= 3; kill++)
            {
                await Poll.UntilAsync(() => Volatile.Read(ref turnsSeen) > kill * Workflows * 2);
                host.Kill();
                await host.WaitForExitAsync();
                host.Dispose();
                host = Start(http, grpc);
            }

            for (var number = 0; number < Workflows; number++)
            {
                await RetryAsync(async () =>
                {
                    await app.Client.RaiseEventAsync($"letter-{number}", "decided", "approved");
                    return 0;
                });
            }

            for (var number = 0; number < Workflows; number++)
            {
                var state = await app.Client.WaitForWorkflowCompletionAsync($"letter-{number}").WaitAsync(Deadline);
                Assert.True(state.RuntimeStatus == WorkflowRuntimeStatus.Completed, $"letter-{number}: {state.RuntimeStatus} {state.FailureDetails}");
                Assert.Equal(number, state.ReadOutputAs<int>());
            }

            Assert.Equal(Workflows * 11, effects.Count);
        }
        finally
        {
            host.Kill();
            await host.WaitForExitAsync();
            host.Dispose();
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>While the host is away, a client tries again, as everybody's client does.</summary>
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
            catch (RpcException error) when (error.StatusCode == StatusCode.AlreadyExists)
            {
                return;
            }
            catch (RpcException error) when (error.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled && !limit.IsCancellationRequested)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private Task WriteComponentAsync() => File.WriteAllTextAsync(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "resources")).FullName, "state.yaml"), """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: statestore
        spec:
          type: state.sqlite
          version: v1
          metadata:
          - name: connectionString
            value: state.db
          - name: actorStateStore
            value: "true"
        """);

    private Process Start(int http, int grpc) => Process.Start(new ProcessStartInfo("dotnet")
    {
        WorkingDirectory = _folder,
        ArgumentList =
        {
            typeof(SidecarHost).Assembly.Location, "--app-id", "wf", "--dapr-http-port", $"{http}", "--dapr-grpc-port", $"{grpc}",
            "--dapr-listen-addresses", "127.0.0.1", "--resources-path", "resources", "--log-level", "error",
        },
    })!;
}
