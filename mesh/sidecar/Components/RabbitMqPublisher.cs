using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Tarasol.Sidecar.PubSub;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// Publishes over one channel. With publisherConfirm a message counts as published when the broker has taken it over; a failed attempt is made again, over a new
/// connection if need be, three times in all as in daprd.
/// </summary>
internal sealed class RabbitMqPublisher(RabbitMqOptions options, RabbitMqLink link, ILogger log) : IAsyncDisposable
{
    private const int Attempts = 3;
    private static readonly TimeSpan RetryWait = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim opening = new(1);
    private RabbitMqPublishChannel? session;

    public async Task PublishAsync(string topic, IReadOnlyList<PubSubMessage> messages, CancellationToken cancel)
    {
        var pending = Enumerable.Range(0, messages.Count).ToList();
        try
        {
            await PublishAsync(topic, messages, pending, cancel);
        }
        catch (Exception problem) when (pending.Count < messages.Count)
        {
            throw new PartlyPublishedException(pending, problem);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (session is not null)
        {
            await session.DisposeAsync();
        }
        opening.Dispose();
    }

    /// <param name="topic">The exchange.</param>
    /// <param name="messages">All of them.</param>
    /// <param name="pending">Positions of those that the broker does not have yet.</param>
    /// <param name="cancel">Ends the waiting.</param>
    private async Task PublishAsync(string topic, IReadOnlyList<PubSubMessage> messages, List<int> pending, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var open = await SessionAsync(cancel);
                var results = await Task.WhenAll(pending.Select(at => open.TryPublishAsync(topic, messages[at], cancel)));
                if (results.FirstOrDefault(problem => problem is not null) is not { } problem)
                {
                    return;
                }
                List<int> failed = [.. pending.Where((_, index) => results[index] is not null)];
                pending.Clear();
                pending.AddRange(failed);
                throw problem;
            }
            catch (Exception e) when (attempt < Attempts && !cancel.IsCancellationRequested && !IsFinal(e))
            {
                log.LogWarning("{PubSub}: publishing to {Topic} failed, attempt {Attempt} of {Attempts}: {Problem}", options.Name, topic, attempt, Attempts, e.Message);
                if (e is not (TimeoutException or AlreadyClosedException))
                {
                    await Task.Delay(RetryWait, cancel);
                }
            }
        }
    }

    /// <summary>It would be the same again: an exchange of that name is of another kind, this user may not write to it, a name is too long.</summary>
    private static bool IsFinal(Exception e) => e is ArgumentException or OperationInterruptedException { ShutdownReason.ReplyCode: Constants.PreconditionFailed or Constants.AccessRefused };

    private async Task<RabbitMqPublishChannel> SessionAsync(CancellationToken cancel)
    {
        if (session is { IsOpen: true } open)
        {
            return open;
        }
        await opening.WaitAsync(cancel);
        try
        {
            if (session is { IsOpen: true } meanwhile)
            {
                return meanwhile;
            }
            if (session is not null)
            {
                await session.DisposeAsync();
                session = null;
            }
            // Three times this is what daprd waits in all.
            var connection = await link.OpenAsync(options.ReconnectWait * 2 / Attempts, cancel);
            return session = await RabbitMqPublishChannel.OpenAsync(options, connection, log, cancel);
        }
        finally
        {
            opening.Release();
        }
    }
}
