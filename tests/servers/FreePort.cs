using System.Net;
using System.Net.Sockets;

namespace Tarasol.Tests.Servers;

/// <summary>
/// A port that is free now, for processes that must be told theirs. It lies below the range from which the kernel takes the ports of outgoing
/// connections, so that none of those takes it before the process does, and no two tests of this process get the same one.
/// </summary>
public static class FreePort
{
    private const int First = 14000;
    private const int Last = 19999;

    private static int next = Random.Shared.Next(First, Last);

    /// <summary>A port on loopback at which nobody listens now.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (Interlocked.Increment(ref next) % (Last - First));
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody is there.
            }
        }
    }
}
