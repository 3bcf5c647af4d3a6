using System.Text.RegularExpressions;

namespace Tarasol.Tests.E2e.Sdk;

/// <summary>A real foreign client: the published Dapr SDK for Node against the sidecar host, started alone with daprd's flags. The cases are in node/sdk.test.js.</summary>
public sealed partial class NodeClientTests
{
    [Theory]
    [InlineData("http", "http")]
    [InlineData("grpc", "http")]
    [InlineData("http", "grpc")]
    [InlineData("grpc", "grpc")]
    public async Task The_published_Node_SDK_works_unchanged(string client, string app)
    {
        await NodeSdk.RequireAsync();
        await using var node = await StandaloneSidecar.StartAsync("node", app);
        await using var peer = await StandaloneSidecar.StartAsync("peer", "http", node.Folder);
        var (exitCode, output) = await NodeSdk.RunAsync("sdk.test.js", new()
        {
            ["CLIENT_PROTOCOL"] = client, ["APP_PROTOCOL"] = app, ["APP_PORT"] = $"{node.AppPort}", ["DAPR_HTTP_PORT"] = $"{node.HttpPort}", ["DAPR_GRPC_PORT"] = $"{node.GrpcPort}",
            ["PEER_PORT"] = $"{peer.AppPort}", ["PEER_DAPR_HTTP_PORT"] = $"{peer.HttpPort}", ["SIDECAR_FOLDER"] = node.Folder,
        });
        Assert.True(exitCode == 0 && !NotOk().IsMatch(output), $"{output}\n--- sidecar\n{node.Output}");
        Assert.True(Passed().Count(output) >= 40, output);
    }

    [GeneratedRegex(@"^\s*not ok ", RegexOptions.Multiline)]
    private static partial Regex NotOk();

    [GeneratedRegex(@"^ {4}ok ", RegexOptions.Multiline)]
    private static partial Regex Passed();
}
