using System.Security.Cryptography;
using System.Text;

namespace Dapr.Workflow.Worker;

/// <summary>Name-based GUIDs (RFC 9562, version 5), for ids that must come out the same in each replay.</summary>
internal static class DeterministicGuid
{
    private static readonly Guid InstanceIds = new("6f927a2e-9c7e-4a1d-9b8d-7a86f2e7f62f");

    /// <summary>The GUID that an instance's own ids are made in.</summary>
    public static Guid OfInstance(string id) => Guid.TryParse(id, out var guid) ? guid : Make(InstanceIds, id);

    public static Guid Make(Guid space, string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        var bytes = new byte[16 + text.Length];
        space.TryWriteBytes(bytes, bigEndian: true, out _);
        text.CopyTo(bytes, 16);
#pragma warning disable CA5350 // Version 5 GUIDs are defined with SHA-1; nothing secret depends on it.
        var hash = SHA1.HashData(bytes).AsSpan(0, 16);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }
}
