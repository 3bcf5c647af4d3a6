using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Tarasol.Mesh.Up;

/// <summary>
/// Ports for services and sidecars. They lie below the kernel's range for outgoing connections, so that no connection takes the port of a service
/// that is being restarted. Two meshes that start together begin at different places, because a port stays unbound until its process is up.
/// </summary>
internal sealed class FreePorts
{
    private const int First = 20000;
    private readonly int last = OutgoingFrom() - 1;
    private readonly HashSet<int> taken = [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Select(listener => listener.Port)];
    private int next;

    public FreePorts(IEnumerable<int> reserved)
    {
        taken.UnionWith(reserved);
        next = First + (Environment.ProcessId * 64 % (last - First));
    }

    public int Next()
    {
        for (var tried = 0; tried <= last - First; tried++)
        {
            var port = next;
            next = next == last ? First : next + 1;
            if (taken.Add(port) && IsFree(port))
                return port;
        }

        throw new MeshException($"no free port between {First} and {last}");
    }

    /// <summary>True when this program could listen on the port on both loopback addresses.</summary>
    public static bool IsFree(int port)
    {
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            try
            {
                using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                // As Kestrel does: a port with closing connections only is free.
                if (!OperatingSystem.IsWindows())
                    socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                socket.Bind(new IPEndPoint(address, port));
                socket.Listen();
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                return false;
            }
            catch (SocketException)
            {
                // No IPv6 on this machine.
            }
        }

        return true;
    }

    private static int OutgoingFrom()
    {
        const string setting = "/proc/sys/net/ipv4/ip_local_port_range";
        return File.Exists(setting)
            && int.TryParse(File.ReadAllText(setting).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture, out var from)
            && from > First + 2000 ? from : 32768;
    }
}
