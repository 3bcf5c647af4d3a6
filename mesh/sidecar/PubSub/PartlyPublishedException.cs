namespace Tarasol.Sidecar.PubSub;

/// <summary>Of several messages the component holds some and not others.</summary>
/// <param name="failed">Positions of those that it does not hold.</param>
/// <param name="first">Why not, for one of them.</param>
internal sealed class PartlyPublishedException(IReadOnlyList<int> failed, Exception first) : Exception(first.Message, first)
{
    public IReadOnlyList<int> Failed { get; } = failed;

    /// <summary>Publishes each message on its own, all at once. Throws this exception when only some failed, the first problem when all did.</summary>
    public static async Task PublishEachAsync(IReadOnlyList<PubSubMessage> messages, Func<PubSubMessage, Task> publish)
    {
        var publishing = messages.Select(publish).ToList();
        try
        {
            await Task.WhenAll(publishing);
        }
        catch (Exception first) when (publishing.Exists(one => one.IsCompletedSuccessfully))
        {
            throw new PartlyPublishedException([.. Enumerable.Range(0, publishing.Count).Where(at => !publishing[at].IsCompletedSuccessfully)], first);
        }
    }
}
