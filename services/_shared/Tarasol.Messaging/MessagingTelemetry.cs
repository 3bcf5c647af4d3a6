using System.Diagnostics;

namespace Tarasol.Messaging;

internal static class MessagingTelemetry
{
    public static readonly ActivitySource Source = new("Tarasol.Messaging");
}
