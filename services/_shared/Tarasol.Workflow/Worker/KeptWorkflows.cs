using Tarasol.Workflow.Protocol;

namespace Dapr.Workflow.Worker;

/// <summary>The workflows that this worker keeps between their turns, the least recently used of which go first. Nothing is lost with one: its next turn replays the history.</summary>
internal sealed class KeptWorkflows(int most)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Id, KeptWorkflow Workflow)>> _byId = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Id, KeptWorkflow Workflow)> _byUse = [];

    /// <summary>Takes an instance's workflow out, if it goes on with this turn. One that does not is of no more use.</summary>
    public async ValueTask<KeptWorkflow?> TakeAsync(WorkflowRequest request)
    {
        if (Remove(request.InstanceId) is not { } kept)
        {
            return null;
        }

        if (kept.GoesOnWith(request))
        {
            return kept;
        }

        await GiveUpAsync(kept);
        return null;
    }

    public async ValueTask PutAsync(string id, KeptWorkflow workflow)
    {
        var before = Remove(id);
        KeptWorkflow? oldest = null;
        lock (_gate)
        {
            _byId[id] = _byUse.AddLast((id, workflow));
            if (_byId.Count > most)
            {
                oldest = _byUse.First!.Value.Workflow;
                _byId.Remove(_byUse.First.Value.Id);
                _byUse.RemoveFirst();
            }
        }

        await GiveUpAsync(before);
        await GiveUpAsync(oldest);
    }

    /// <summary>A new stream begins without any.</summary>
    public async ValueTask ClearAsync()
    {
        List<KeptWorkflow> all;
        lock (_gate)
        {
            all = [.. _byUse.Select(each => each.Workflow)];
            _byUse.Clear();
            _byId.Clear();
        }

        foreach (var each in all)
        {
            await GiveUpAsync(each);
        }
    }

    private KeptWorkflow? Remove(string id)
    {
        lock (_gate)
        {
            if (!_byId.Remove(id, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            return node.Value.Workflow;
        }
    }

    private static async ValueTask GiveUpAsync(KeptWorkflow? workflow)
    {
        if (workflow?.Scope is { } scope)
        {
            await scope.DisposeAsync();
        }
    }
}
