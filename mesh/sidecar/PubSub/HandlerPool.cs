namespace Tarasol.Sidecar.PubSub;

/// <summary>
/// The messages of one subscription that are in the app's hands: so many at a time; once it stops nothing new, and what runs may end until the grace is over.
/// </summary>
internal sealed class HandlerPool(MessageHandler handle, int limit, ILogger log) : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource abort = new();
    private readonly SemaphoreSlim free = new(limit);
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int stops;

    /// <summary>The subscription is to end.</summary>
    public CancellationToken Stopping => stopping.Token;

    /// <summary>It was stopped and the last message is settled.</summary>
    public Task Ended => ended.Task;

    /// <summary>
    /// Returns as soon as a place is free and the message is on its way; <paramref name="settle"/> gets what became of it. Throws
    /// <see cref="OperationCanceledException"/> when the subscription stops or <paramref name="cancel"/> ends first: then the message was not touched.
    /// </summary>
    public async Task StartAsync(PubSubMessage message, Func<HandlerOutcome, Task> settle, CancellationToken cancel)
    {
        if (!free.Wait(0, CancellationToken.None))
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, cancel);
            await free.WaitAsync(either.Token);
        }
        _ = Task.Run(() => RunAsync(message, settle), CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken grace)
    {
        if (Interlocked.Increment(ref stops) == 1)
        {
            _ = EndAsync();
        }
        await using (grace.Register(abort.Cancel))
        {
            await ended.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        stopping.Dispose();
        abort.Dispose();
        free.Dispose();
    }

    private async Task EndAsync()
    {
        await stopping.CancelAsync();
        for (var place = 0; place < limit; place++)
        {
            await free.WaitAsync();
        }
        ended.TrySetResult();
    }

    private async Task RunAsync(PubSubMessage message, Func<HandlerOutcome, Task> settle)
    {
        try
        {
            await settle(await HandleAsync(message));
        }
        catch (Exception e)
        {
            log.LogError(e, "what became of a message could not be told to the broker, which will deliver it again");
        }
        finally
        {
            free.Release();
        }
    }

    private async Task<HandlerOutcome> HandleAsync(PubSubMessage message)
    {
        if (stopping.IsCancellationRequested)
        {
            return HandlerOutcome.PutBack;
        }
        try
        {
            return await handle(new Delivery(message, stopping.Token, abort.Token));
        }
        catch (Exception e)
        {
            log.LogError(e, "handling a message failed");
            return HandlerOutcome.Retry;
        }
    }
}
