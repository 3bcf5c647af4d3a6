using System.Globalization;
using Dapr.Workflow;
using Grpc.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Tests.Servers;
using Tarasol.Tests.WorkflowApp;

namespace Tarasol.Tests.E2e.Workflows;

/// <summary>
/// Workflows of every shape, while the host and the workers are killed at random. TARASOL_CRASH_SEED sets the seed, which says who is killed when; each run prints its own. 300 workflows and 40 kills with CI=true.
/// </summary>
[Trait("Scale", "large")]
public sealed class WorkflowCrashTests(ITestOutputHelper output) : IAsyncDisposable
{
    private static readonly int Workflows = TestScale.Of(300, 60);
    private static readonly int Kills = TestScale.Of(40, 8);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private readonly string _folder = Directory.CreateTempSubdirectory("workflow-crash-").FullName;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public Task Every_workflow_ends_as_it_should_on_SQLite() => RunAsync("""
        type: state.sqlite
        version: v1
        metadata: [{ name: connectionString, value: state.db }, { name: actorStateStore, value: "true" }]
        """);

    [Fact]
    public async Task Every_workflow_ends_as_it_should_on_Redis()
    {
        await using var redis = await RedisServer.StartAsync("--appendonly", "yes");
        await RunAsync($$"""
            type: state.redis
            version: v1
            metadata: [{ name: redisHost, value: "{{redis.Address}}" }, { name: actorStateStore, value: "true" }]
            """);
    }

    private async Task RunAsync(string store)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("TARASOL_CRASH_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine($"TARASOL_CRASH_SEED={seed}");
        var random = new Random(seed);
        var effectsFile = Path.Combine(_folder, "effects.db");
        Effects.Create(effectsFile);
        var resources = Directory.CreateDirectory(Path.Combine(_folder, "resources")).FullName;
        await File.WriteAllTextAsync(Path.Combine(resources, "state.yaml"), $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: statestore
            spec:
            {string.Join('\n', store.Split('\n').Select(line => "  " + line))}
            """);
        var grpcPort = FreePort.Next();
        await using var host = new Killable(Killable.Built("mesh/sidecar", "Tarasol.Sidecar.dll"),
            ["--app-id", "crash", "--dapr-http-port", $"{FreePort.Next()}", "--dapr-grpc-port", $"{grpcPort}", "--dapr-listen-addresses", "127.0.0.1", "--resources-path", "resources", "--log-level", "error"], _folder);
        await using var workerOne = new Killable(Killable.Built("tests/workflow-app", "Tarasol.Tests.WorkflowApp.dll"), [effectsFile], _folder, ("DAPR_GRPC_PORT", $"{grpcPort}"));
        await using var workerTwo = new Killable(Killable.Built("tests/workflow-app", "Tarasol.Tests.WorkflowApp.dll"), [effectsFile], _folder, ("DAPR_GRPC_PORT", $"{grpcPort}"));
        Killable[] victims = [host, workerOne, workerTwo];
        foreach (var victim in victims)
            victim.Start();
        await using var services = Client(grpcPort);
        var client = services.GetRequiredService<DaprWorkflowClient>();

        var started = 0;
        var driving = new List<Task>();
        for (var kill = 0; kill < Kills; kill++)
        {
            for (var until = Workflows * (kill + 1) / Kills; started < until; started++)
                driving.Add(DriveAsync(client, MixedWorkflows.Shapes[started % MixedWorkflows.Shapes.Count], started, random.Next(500, 3000)));
            await Task.Delay(random.Next(100, 900));
            var victim = victims[random.Next(victims.Length)];
            await victim.KillAsync();
            victim.Start();
        }
        await Task.WhenAll(driving).WaitAsync(Deadline);

        var wrong = new List<string>();
        for (var number = 0; number < Workflows; number++)
        {
            var shape = MixedWorkflows.Shapes[number % MixedWorkflows.Shapes.Count];
            var state = await EndAsync(client, $"{shape}-{number}");
            if (state is null)
                wrong.Add($"{shape}-{number} has not ended: {await PlaceAsync(client, $"{shape}-{number}")}");
            else if (state.RuntimeStatus != WorkflowRuntimeStatus.Completed || state.ReadOutputAs<int>() != MixedWorkflows.OutputOf(shape, number))
                wrong.Add($"{shape}-{number}: {state.RuntimeStatus} {state.ReadOutputAs<int?>()} instead of {MixedWorkflows.OutputOf(shape, number)} {state.FailureDetails}");
        }
        Assert.True(wrong.Count == 0, $"seed {seed}: {string.Join('\n', wrong)}");
        var effects = new Effects(effectsFile).Read();
        var expected = Enumerable.Range(0, Workflows).SelectMany(number => MixedWorkflows.StepsOf(MixedWorkflows.Shapes[number % MixedWorkflows.Shapes.Count], number)).ToList();
        Assert.True(expected.TrueForAll(effects.ContainsKey), $"seed {seed}: lost effects: {string.Join(", ", expected.Where(step => !effects.ContainsKey(step)))}");
        Assert.True(effects.Values.All(keys => keys == 1), $"seed {seed}: effects with more than one key: {string.Join(", ", effects.Where(effect => effect.Value != 1))}");
        Assert.Equal(expected.Count, effects.Count);
        output.WriteLine($"killed: host {host.Kills}, workers {workerOne.Kills} and {workerTwo.Kills}; effects {effects.Count}");
    }

    /// <summary>Starts one, and raises its events after a while, as a client does that does not give up.</summary>
    private static async Task DriveAsync(DaprWorkflowClient client, string shape, int number, int patience)
    {
        var id = $"{shape}-{number}";
        var asked = false;
        await RetryAsync(async cancel =>
        {
            // The answer to the first attempt may have died with the host while the workflow lived on; once that has ended, its id is free again, and a second start would be a second run.
            if (asked && (await client.GetWorkflowStateAsync(id, false, cancel)) is { Exists: true })
                return id;
            asked = true;
            return await client.ScheduleNewWorkflowAsync(shape, id, MixedWorkflows.InputOf(shape, number), (DateTimeOffset?)null, cancel);
        });
        foreach (var name in MixedWorkflows.EventsOf(shape))
        {
            await Task.Delay(patience / 2);
            await RetryAsync(async cancel =>
            {
                // A repeat of one that was taken waits for nobody, and harms nobody.
                await client.RaiseEventAsync(id, name, 1, cancel);
                return 0;
            });
        }
    }

    private static async Task RetryAsync<T>(Func<CancellationToken, Task<T>> call)
    {
        using var limit = new CancellationTokenSource(Deadline);
        while (true)
        {
            using var attempt = CancellationTokenSource.CreateLinkedTokenSource(limit.Token);
            attempt.CancelAfter(TimeSpan.FromSeconds(10));
            try
            {
                await call(attempt.Token);
                return;
            }
            catch (RpcException refused) when (refused.StatusCode == StatusCode.AlreadyExists)
            {
                return;
            }
            catch (Exception failed) when (failed is RpcException or OperationCanceledException && !limit.IsCancellationRequested)
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    private static async Task<WorkflowState?> EndAsync(DaprWorkflowClient client, string id)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            return await client.WaitForWorkflowCompletionAsync(id, true, limit.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or RpcException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task<string> PlaceAsync(DaprWorkflowClient client, string id)
    {
        try
        {
            return string.Join(' ', (await client.GetInstanceHistoryAsync(id)).Select(happened => $"{happened.EventType}/{happened.EventId}"));
        }
        catch (RpcException refused)
        {
            return refused.Status.ToString();
        }
    }

    private static ServiceProvider Client(int grpcPort)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_GRPC_PORT"] = $"{grpcPort}" }).Build());
        services.AddDaprWorkflow();
        return services.BuildServiceProvider();
    }
}
