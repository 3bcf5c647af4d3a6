using System.Buffers;
using MQTTnet;

namespace Tarasol.Sidecar.Components;

/// <summary>A message that the broker counts as in flight until it is acknowledged.</summary>
internal sealed class MqttMessage(MqttApplicationMessageReceivedEventArgs received, MqttLink link)
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromMinutes(1);

    private readonly int connection = link.Connection;
    private TimeSpan retry = FirstRetry;

    public string Topic { get; } = received.ApplicationMessage.Topic;

    // The library may use its memory again.
    public ReadOnlyMemory<byte> Payload { get; } = received.ApplicationMessage.Payload.ToArray();

    public bool Retained { get; } = received.ApplicationMessage.Retain;

    /// <summary>False when its connection is gone.</summary>
    public Task<bool> AcknowledgeAsync() => link.AcknowledgeAsync(received, connection);

    /// <summary>How long to wait after this failure.</summary>
    public TimeSpan NextRetry()
    {
        var now = retry;
        retry = retry * 2 < LongestRetry ? retry * 2 : LongestRetry;
        return now;
    }
}
