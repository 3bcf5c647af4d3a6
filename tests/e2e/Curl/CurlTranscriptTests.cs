using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dapr.Workflow;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Tarasol.Tests.E2e.Sdk;

namespace Tarasol.Tests.E2e.Curl;

/// <summary>
/// Every HTTP route of the sidecar by a bare curl. In transcript.txt a command stands after "$ ", below it the status and the body that are expected;
/// &lt;any&gt; in a body is any text.
/// </summary>
[Trait("Scale", "large")]
public sealed partial class CurlTranscriptTests
{
    private static readonly string Transcript = Path.Combine(MeshProcess.Root, "tests", "e2e", "Curl", "transcript.txt");

    [Fact]
    public async Task Each_command_of_the_transcript_gets_the_answer_that_stands_below_it()
    {
        RequireCurl();
        await using var sidecar = await StandaloneSidecar.StartAsync("curl", "http");
        await File.WriteAllTextAsync(Path.Combine(sidecar.Folder, "configuration.json"), """{"colour":{"value":"green","version":"2"}}""", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(sidecar.Folder, ".curlrc"), "silent\nshow-error\nmax-time = 30\nwrite-out = \"\\n%{http_code}\"\n", TestContext.Current.CancellationToken);
        await using var app = EchoApp.Start(sidecar.AppPort);
        using var worker = await StartWorkerAsync(sidecar.GrpcPort);
        await sidecar.HealthyAsync();
        var wrong = new StringBuilder();
        foreach (var (command, expected) in Read())
        {
            var actual = await RunAsync(command, sidecar);
            if (!Matches(expected, actual))
                wrong.Append("$ ").Append(command).Append('\n').Append(actual).Append("\n\n");
        }
        Assert.True(wrong.Length == 0, $"these answers are not those of the transcript:\n{wrong}");
    }

    [Fact]
    public void Every_route_and_verb_of_the_capability_table_is_in_the_transcript()
    {
        var commands = Read().Select(entry => Call(entry.Command)).ToList();
        var missing = Routes().Where(route => !commands.Any(call => (route.Verb == "any" || call.Verb == route.Verb) && route.Path.IsMatch(call.Path))).Select(route => $"{route.Verb} {route.Path}");
        Assert.Empty(missing);
    }

    /// <summary>A worker whose workflow "approve" waits for ever.</summary>
    private static async Task<IHost> StartWorkerAsync(int port)
    {
        var builder = new HostBuilder();
        builder.ConfigureAppConfiguration(configuration => configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{port}" }));
        builder.ConfigureServices(services => services.AddDaprWorkflow(options =>
            options.RegisterWorkflow<JsonElement, string>("approve", (context, _) => context.WaitForExternalEventAsync<string>("never"))));
        var worker = builder.Build();
        await worker.StartAsync();
        return worker;
    }

    private static List<(string Command, string Expected)> Read()
    {
        var entries = new List<(string Command, List<string> Expected)>();
        foreach (var line in File.ReadLines(Transcript))
        {
            if (line.StartsWith("$ ", StringComparison.Ordinal))
                entries.Add((line[2..], []));
            else if (line.Length > 0 && !line.StartsWith('#'))
                entries[^1].Expected.Add(line);
        }
        return [.. entries.Select(entry => (entry.Command, string.Join('\n', entry.Expected)))];
    }

    private static bool Matches(string expected, string actual) =>
        Regex.IsMatch(actual, $"^{Regex.Escape(expected).Replace("<any>", ".*?", StringComparison.Ordinal)}\\z", RegexOptions.Singleline);

    /// <summary>The status, then the body if there is one.</summary>
    private static async Task<string> RunAsync(string command, StandaloneSidecar sidecar)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            Environment = { ["DAPR"] = $"http://127.0.0.1:{sidecar.HttpPort}", ["CURL_HOME"] = sidecar.Folder },
        })!;
        var texts = await Task.WhenAll(shell.StandardOutput.ReadToEndAsync(), shell.StandardError.ReadToEndAsync());
        await shell.WaitForExitAsync();
        var end = texts[0].LastIndexOf('\n');
        var body = end < 0 ? "" : texts[0][..end].Replace("\r", "", StringComparison.Ordinal).Trim('\n');
        return $"{texts[0][(end + 1)..]}{(body.Length == 0 ? "" : $"\n{body}")}{(texts[1].Length == 0 ? "" : $"\n{texts[1].Trim()}")}";
    }

    /// <summary>Verb and path of a command's last curl.</summary>
    private static (string Verb, string Path) Call(string command)
    {
        var verb = Verb().Match(command) is { Success: true } given ? given.Groups[1].Value : command.StartsWith("curl -I", StringComparison.Ordinal) ? "HEAD" : "GET";
        // What a command in the command prints is one part of the path.
        var path = Address().Match(Nested().Replace(command, "nested")).Groups[1].Value;
        return (verb, path);
    }

    private static IEnumerable<(string Verb, Regex Path)> Routes()
    {
        var table = File.ReadLines(Path.Combine(MeshProcess.Root, "mesh", "sidecar", "README.md")).SkipWhile(line => line != "## HTTP routes").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
        foreach (var row in table.Select(line => Row().Match(line)).Where(row => row.Success))
        {
            var parts = row.Groups[1].Value.Split('/').Select(part => part.StartsWith("{**", StringComparison.Ordinal) || part == "{path}" ? ".+" : part.StartsWith('{') ? "[^/]+" : Regex.Escape(part));
            var path = new Regex($"^{string.Join('/', parts)}$");
            foreach (var verb in row.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries))
                yield return (verb, path);
        }
    }

    private static void RequireCurl()
    {
        var reason = "curl is not installed (Debian: apt-get install curl)";
        try
        {
            using var curl = Process.Start(new ProcessStartInfo("curl", ["--version"]) { RedirectStandardOutput = true })!;
            return;
        }
        catch (Win32Exception)
        {
            Assert.False(string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase), reason);
        }
        Assert.Skip(reason);
    }

    [GeneratedRegex("-X ([A-Z]+)", RegexOptions.RightToLeft)]
    private static partial Regex Verb();

    [GeneratedRegex(@"\$DAPR(/[^\s""'?]*)", RegexOptions.RightToLeft)]
    private static partial Regex Address();

    [GeneratedRegex(@"\$\(.*\)")]
    private static partial Regex Nested();

    [GeneratedRegex(@"^\| `([^`]+)` \| ([A-Za-z, ]+) \|")]
    private static partial Regex Row();
}
