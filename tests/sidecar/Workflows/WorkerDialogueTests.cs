extern alias worker;
using System.Text.Json.Nodes;
using Dapr.Workflow;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using P = worker::Tarasol.Workflow.Protocol;

namespace Tarasol.Tests.Sidecar.Workflows;

/// <summary>Our worker is sent what daprd sent, and has to answer what Dapr's own worker answered.</summary>
public class WorkerDialogueTests
{
    /// <summary>Where Dapr's own worker does wrong, and ours has to do what the protocol says instead.</summary>
    private static readonly Dictionary<(string Dialogue, int Line), string> Exceptions = new()
    {
        [("suspend-resume", 14)] = "{}", // It goes on with an event that comes while it is suspended.
        [("terminate", 9)] = """{"completeWorkflow":{"workflowStatus":"ORCHESTRATION_STATUS_TERMINATED","result":"\"stopped\""}}""", // It drops the output.
    };

    public static TheoryData<string> Dialogues => [.. Dialogue.Names];

    [Theory]
    [MemberData(nameof(Dialogues))]
    public async Task The_worker_answers_as_recorded(string name)
    {
        var options = new WorkflowRuntimeOptions();
        RecordedWorkflows.Register(options);
        var registry = new WorkflowRegistry([options]);
        var turns = new WorkflowTurn(registry, NullLoggerFactory.Instance);
        var activities = new ActivityRun(registry);
        await using var services = new ServiceCollection().BuildServiceProvider();
        var dialogue = new Dialogue();
        var lines = Dialogue.Read(name);
        foreach (var line in lines.Where(line => line.Method == "WorkItem"))
        {
            var item = dialogue.Message<P.WorkItem>(line.Message);
            var answers = lines.Where(other => other.FromWorker && other.Number > line.Number);
            if (item.WorkflowRequest is { } request)
            {
                var recorded = answers.FirstOrDefault(answer => answer.Method == "CompleteOrchestratorTask" && Id(answer) == line.Message["workflowRequest"]!["instanceId"]!.ToString());
                Check(dialogue, recorded, turns.Run(request, "", services));
            }
            else
            {
                var task = item.ActivityRequest.TaskId;
                var recorded = answers.FirstOrDefault(answer => answer.Method == "CompleteActivityTask"
                    && Id(answer) == line.Message["activityRequest"]!["workflowInstance"]!["instanceId"]!.ToString() && ((int?)answer.Message["taskId"] ?? 0) == task);
                Check(dialogue, recorded, await activities.RunAsync(item.ActivityRequest, "", services));
            }
        }
    }

    private static string Id(Line line) => line.Message["instanceId"]!.ToString();

    private static void Check(Dialogue dialogue, Line? recorded, Google.Protobuf.IMessage answer)
    {
        if (recorded is null)
        {
            return;
        }

        var expected = recorded.Message;
        if (Exceptions.TryGetValue((recorded.Dialogue, recorded.Number), out var right))
        {
            expected = expected.DeepClone();
            expected.AsObject().Remove("actions");
            if (right != "{}")
            {
                expected["actions"] = new JsonArray(JsonNode.Parse(right));
            }
        }

        var difference = dialogue.Difference(expected, answer);
        Assert.True(difference is null, $"{recorded}: {difference}");
    }
}
