namespace Tarasol.Sidecar.Workflows;

/// <summary>How many work items of a kind may be at workers at a time: of all names together, and of single ones.</summary>
internal sealed class Slots(int? max, IReadOnlyDictionary<string, int> maxOf)
{
    private readonly SemaphoreSlim? _all = max is { } most ? new SemaphoreSlim(most) : null;
    private readonly Dictionary<string, SemaphoreSlim> _of = maxOf.ToDictionary(limit => limit.Key, limit => new SemaphoreSlim(limit.Value), StringComparer.OrdinalIgnoreCase);

    /// <summary>Waits for a place; disposing gives it back.</summary>
    public async ValueTask<Slot> TakeAsync(string name, CancellationToken cancel)
    {
        var own = _of.GetValueOrDefault(name);
        if (own is not null)
        {
            await own.WaitAsync(cancel);
        }

        try
        {
            if (_all is not null)
            {
                await _all.WaitAsync(cancel);
            }
        }
        catch
        {
            own?.Release();
            throw;
        }

        return new Slot(own, _all);
    }
}

internal readonly struct Slot(SemaphoreSlim? own, SemaphoreSlim? all) : IDisposable
{
    public void Dispose()
    {
        all?.Release();
        own?.Release();
    }
}
