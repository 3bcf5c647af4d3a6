using System.Diagnostics;

namespace Tarasol.Tests.Servers;

/// <summary>Finds programs of Debian's packages.</summary>
internal static class Programs
{
    // Servers lie in folders that the PATH of an ordinary user leaves out.
    private static readonly string[] Folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/usr/local/sbin"];

    public static string? Find(string name) => Folders.Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    public static ProcessStartInfo Redirected(this ProcessStartInfo command, string folder)
    {
        command.WorkingDirectory = folder;
        command.RedirectStandardOutput = true;
        command.RedirectStandardError = true;
        return command;
    }

    public static async Task<byte> FirstByteAsync(this Stream stream, CancellationToken cancel)
    {
        var answer = new byte[1];
        return await stream.ReadAsync(answer, cancel) == 1 ? answer[0] : (byte)0;
    }
}
