using Grpc.Core;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Secrets;

/// <summary>Secrets through Dapr.Client of NuGet, within the scopes of the configuration.</summary>
public sealed class DaprClientTests
{
    private const string File = """{"plain":"value","hidden":"no","nested":{"a":"one","b":"two"}}""";

    private static readonly string Resources = Yaml.All(
        Yaml.Component("flat", "secretstores.local.file", ("secretsFile", "secrets.json")),
        Yaml.Component("many", "secretstores.local.file", ("secretsFile", "secrets.json"), ("multiValued", "true")));

    [Fact]
    public async Task One_secret_and_all_of_them_can_be_read()
    {
        await using var mesh = await StartAsync();
        using var dapr = mesh.Dapr("app");

        Assert.Equal("value", (await dapr.GetSecretAsync("flat", "plain"))["plain"]);
        Assert.Equal("one", (await dapr.GetSecretAsync("flat", "nested:a"))["nested:a"]);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "one", ["b"] = "two" }, await dapr.GetSecretAsync("many", "nested"));
        Assert.Equal(["hidden", "nested:a", "nested:b", "plain"], (await dapr.GetBulkSecretAsync("flat")).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Missing_secrets_and_stores_are_daprd_s_errors()
    {
        await using var mesh = await StartAsync();
        using var dapr = mesh.Dapr("app");

        var secret = await Assert.ThrowsAsync<Dapr.DaprException>(() => dapr.GetSecretAsync("flat", "nothing"));
        var store = await Assert.ThrowsAsync<Dapr.DaprException>(() => dapr.GetSecretAsync("nowhere", "plain"));

        Assert.Equal(StatusCode.Internal, Assert.IsType<RpcException>(secret.InnerException).StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, Assert.IsType<RpcException>(store.InnerException).StatusCode);
    }

    [Theory]
    [InlineData("defaultAccess: deny, allowedSecrets: [ plain ]", "plain", "hidden")]
    [InlineData("defaultAccess: allow, deniedSecrets: [ hidden ]", "plain", "hidden")]
    [InlineData("defaultAccess: allow, allowedSecrets: [ plain ]", "plain", "hidden")]
    [InlineData("allowedSecrets: [ plain ], deniedSecrets: [ plain ]", "plain", "hidden")]
    public async Task A_scope_decides_which_secrets_may_be_read(string scope, string allowed, string denied)
    {
        await using var mesh = await StartAsync(Yaml.Configuration($"secrets: {{ scopes: [ {{ storeName: flat, {scope} }} ] }}"));
        using var dapr = mesh.Dapr("app");

        Assert.NotEmpty(await dapr.GetSecretAsync("flat", allowed));
        var refused = await Assert.ThrowsAsync<Dapr.DaprException>(() => dapr.GetSecretAsync("flat", denied));
        Assert.Equal(StatusCode.PermissionDenied, Assert.IsType<RpcException>(refused.InnerException).StatusCode);
        Assert.DoesNotContain(denied, (await dapr.GetBulkSecretAsync("flat")).Keys);
        var http = await mesh.SendAsync("app", "GET", $"/v1.0/secrets/flat/{denied}");
        Assert.Equal((403, "ERR_PERMISSION_DENIED"), (http.Status, http.ErrorCode));
    }

    private static Task<TestMesh> StartAsync(string? config = null) =>
        TestMesh.StartAsync(Resources, [new TestApp("app")], config, files: folder => System.IO.File.WriteAllText(Path.Combine(folder, "secrets.json"), File));
}
