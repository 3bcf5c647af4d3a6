extern alias worker;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using P = worker::Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>Our engine is sent what Dapr's own worker and client sent, and has to send what daprd sent.</summary>
public class EngineDialogueTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    /// <summary>The last two go on with what the first left behind.</summary>
    private static readonly string[][] Sequences =
        [.. Dialogue.Names.Except(["connect", "chain", "rerun", "errors", "fan-out"]).Select(name => new[] { name }), ["connect", "chain", "rerun", "errors"]];

    public static TheoryData<string> Dialogues => [.. Sequences.Select(names => string.Join(" ", names))];

    [Theory]
    [MemberData(nameof(Dialogues))]
    public async Task The_engine_sends_as_recorded(string names)
    {
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        await new Replay(host, names.Split(' ')).RunAsync();
    }

    /// <summary>daprd had all three results before it sent the next turn; how many turns there are is a matter of time, the outcome is not.</summary>
    [Fact]
    public async Task Results_that_come_together_end_in_the_recorded_state()
    {
        await using var host = await EngineHost.StartAsync(new MemoryStore(), "wf");
        await using var app = await host.AppAsync("wf", RecordedWorkflows.Register);
        using var channel = host.Channel("wf");
        var client = new P.TaskHubSidecarService.TaskHubSidecarServiceClient(channel);
        var lines = Dialogue.Read("fan-out");
        var dialogue = new Dialogue();
        await client.StartInstanceAsync(dialogue.Message<P.CreateInstanceRequest>(lines[0].Message));
        await client.WaitForInstanceCompletionAsync(new P.GetInstanceRequest { InstanceId = "fan-out" }, deadline: DateTime.UtcNow + Deadline);
        var state = await client.GetInstanceAsync(new P.GetInstanceRequest { InstanceId = "fan-out", GetInputsAndOutputs = true });
        Assert.Null(dialogue.Difference(lines.Single(line => line.Method == "GetInstance answer").Message, state));
    }

    private sealed class Replay(EngineHost host, string[] names)
    {
        private Dialogue _dialogue = new();
        private readonly Dictionary<string, Queue<Task<IMessage>>> _calls = [];
        private readonly Channel<P.WorkItem> _items = Channel.CreateUnbounded<P.WorkItem>();
        private readonly List<P.WorkItem> _early = [];

        public async Task RunAsync()
        {
            using var channel = host.Channel("wf");
            var client = new P.TaskHubSidecarService.TaskHubSidecarServiceClient(channel);
            using var stream = client.GetWorkItems(new P.GetWorkItemsRequest());
            await stream.ResponseHeadersAsync.WaitAsync(Deadline);
            var reading = ReadAsync(stream);
            foreach (var line in names.SelectMany(Dialogue.Read).Where(line => line.Method != "GetWorkItems"))
            {
                // Each file has its own masks.
                _dialogue = line.Number == 1 ? new Dialogue() : _dialogue;
                if (line.FromWorker)
                {
                    Send(client, line);
                }
                else if (line.Method == "WorkItem")
                {
                    await ExpectItemAsync(line);
                }
                else
                {
                    await ExpectAnswerAsync(line);
                }
            }

            stream.Dispose();
            await reading;
        }

        private async Task ReadAsync(AsyncServerStreamingCall<P.WorkItem> stream)
        {
            try
            {
                await foreach (var item in stream.ResponseStream.ReadAllAsync())
                {
                    await _items.Writer.WriteAsync(item);
                }
            }
            catch (RpcException error) when (error.StatusCode == StatusCode.Cancelled)
            {
            }
        }

        private void Send(P.TaskHubSidecarService.TaskHubSidecarServiceClient client, Line line)
        {
            var call = line.Method switch
            {
                "StartInstance" => Call<P.CreateInstanceRequest, P.CreateInstanceResponse>(client.StartInstanceAsync),
                "GetInstance" => Call<P.GetInstanceRequest, P.GetInstanceResponse>(client.GetInstanceAsync),
                "WaitForInstanceStart" => Call<P.GetInstanceRequest, P.GetInstanceResponse>(client.WaitForInstanceStartAsync),
                "WaitForInstanceCompletion" => Call<P.GetInstanceRequest, P.GetInstanceResponse>(client.WaitForInstanceCompletionAsync),
                "RaiseEvent" => Call<P.RaiseEventRequest, P.RaiseEventResponse>(client.RaiseEventAsync),
                "TerminateInstance" => Call<P.TerminateRequest, P.TerminateResponse>(client.TerminateInstanceAsync),
                "SuspendInstance" => Call<P.SuspendRequest, P.SuspendResponse>(client.SuspendInstanceAsync),
                "ResumeInstance" => Call<P.ResumeRequest, P.ResumeResponse>(client.ResumeInstanceAsync),
                "PurgeInstances" => Call<P.PurgeInstancesRequest, P.PurgeInstancesResponse>(client.PurgeInstancesAsync),
                "GetInstanceHistory" => Call<P.GetInstanceHistoryRequest, P.GetInstanceHistoryResponse>(client.GetInstanceHistoryAsync),
                "RerunWorkflowFromEvent" => Call<P.RerunWorkflowFromEventRequest, P.RerunWorkflowFromEventResponse>(client.RerunWorkflowFromEventAsync),
                "CompleteOrchestratorTask" => Call<P.WorkflowResponse, P.CompleteTaskResponse>(client.CompleteOrchestratorTaskAsync),
                "CompleteActivityTask" => Call<P.ActivityResponse, P.CompleteTaskResponse>(client.CompleteActivityTaskAsync),
                _ => throw new InvalidOperationException($"{line}: no such method"),
            };
            if (!_calls.TryGetValue(line.Method, out var calls))
            {
                _calls[line.Method] = calls = new Queue<Task<IMessage>>();
            }

            calls.Enqueue(call);

            Task<IMessage> Call<TRequest, TResponse>(Func<TRequest, CallOptions, AsyncUnaryCall<TResponse>> method)
                where TRequest : IMessage, new()
                where TResponse : IMessage => AwaitAsync(method(_dialogue.Message<TRequest>(line.Message), new CallOptions(deadline: DateTime.UtcNow + Deadline)));

            static async Task<IMessage> AwaitAsync<TResponse>(AsyncUnaryCall<TResponse> call) where TResponse : IMessage => await call;
        }

        private async Task ExpectItemAsync(Line line)
        {
            using var limit = new CancellationTokenSource(Deadline);
            while (true)
            {
                var found = _early.FindIndex(item => _dialogue.Difference(line.Message, item) is null);
                if (found >= 0)
                {
                    _early.RemoveAt(found);
                    return;
                }

                try
                {
                    _early.Add(await _items.Reader.ReadAsync(limit.Token));
                }
                catch (OperationCanceledException)
                {
                    Assert.Fail($"{line}: no such work item came. {string.Join(Environment.NewLine, _early.Select(item => _dialogue.Difference(line.Message, item)))}");
                }
            }
        }

        private async Task ExpectAnswerAsync(Line line)
        {
            var words = line.Method.Split(' ');
            var call = _calls[words[0]].Dequeue();
            if (words[1] == "error")
            {
                var error = await Assert.ThrowsAsync<RpcException>(() => call.WaitAsync(Deadline));
                Assert.Equal((words[2], line.Message.ToString()), (error.StatusCode.ToString(), error.Status.Detail));
                return;
            }

            var difference = _dialogue.Difference(line.Message, await call.WaitAsync(Deadline));
            Assert.True(difference is null, $"{line}: {difference}");
        }
    }
}
