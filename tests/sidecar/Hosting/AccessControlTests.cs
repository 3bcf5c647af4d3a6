using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>Who may call an app, and which APIs an app may use (wire: 15.2, 15.3).</summary>
public sealed class AccessControlTests
{
    private const string Rules = """
        defaultAction: deny
        trustDomain: public
        policies:
        - appId: clerk
          defaultAction: deny
          trustDomain: public
          namespace: default
          operations:
          - { name: /letters, httpVerb: [ GET ], action: allow }
          - { name: /letters/*/copy, httpVerb: [ "*" ], action: allow }
          - { name: files/*, httpVerb: [ GET, PUT ], action: allow }
          - { name: /tree/**, httpVerb: [ "*" ], action: allow }
          - { name: /v*/open, httpVerb: [ GET ], action: Allow }
          - { name: /letters, httpVerb: [ POST ], action: allow }
        - appId: chief
          defaultAction: allow
          trustDomain: public
          namespace: default
          operations:
          - { name: /shredder, httpVerb: [ "*" ], action: deny }
        - appId: stranger
          defaultAction: allow
          trustDomain: elsewhere
          namespace: default
        """;

    [Theory]
    [InlineData("clerk", "GET", "letters", true)]
    [InlineData("clerk", "GET", "LETTERS", true)]
    [InlineData("clerk", "GET", "letters/7", true)]
    [InlineData("clerk", "POST", "letters", false)]
    [InlineData("clerk", "GET", "files/one", true)]
    [InlineData("clerk", "PUT", "files/one", true)]
    [InlineData("clerk", "DELETE", "files/one", false)]
    [InlineData("clerk", "GET", "files/one/two", false)]
    [InlineData("clerk", "DELETE", "tree/a/b/c", true)]
    [InlineData("clerk", "GET", "v12/open", true)]
    [InlineData("clerk", "GET", "w12/open", false)]
    [InlineData("clerk", "GET", "other", false)]
    [InlineData("chief", "GET", "other", true)]
    [InlineData("chief", "GET", "shredder", false)]
    [InlineData("stranger", "GET", "other", false)]
    [InlineData("nobody", "GET", "other", false)]
    public void A_policy_decides_by_caller_operation_and_verb(string caller, string verb, string operation, bool allowed) =>
        Assert.Equal(allowed, Read(Rules)!.Allows(caller, "default", operation, verb, isHttp: true));

    [Theory]
    [InlineData("defaultAction: allow", true)]
    [InlineData("defaultAction: deny", false)]
    [InlineData("trustDomain: public", false)]
    [InlineData("trustDomain: public\npolicies: []", true)]
    public void Without_a_policy_for_the_caller_the_default_counts(string rules, bool allowed) => Assert.Equal(allowed, Read(rules)!.Allows("anyone", "default", "x", "GET", isHttp: true));

    [Fact]
    public void A_gRPC_operation_is_matched_as_written_and_without_verbs()
    {
        var control = Read("""
            defaultAction: deny
            policies:
            - { appId: clerk, defaultAction: deny, trustDomain: public, namespace: default, operations: [ { name: /letters.Letters/*, action: allow } ] }
            """)!;

        Assert.True(control.Allows("clerk", "default", "/letters.Letters/Get", "", isHttp: false));
        Assert.False(control.Allows("clerk", "default", "/letters.letters/Get", "", isHttp: false));
        Assert.False(control.Allows("clerk", "other", "/letters.Letters/Get", "", isHttp: false));
    }

    [Theory]
    [InlineData("policies: [ { trustDomain: public, namespace: default } ]", "has no appId")]
    [InlineData("policies: [ { appId: a, namespace: default } ]", "has no trustDomain")]
    [InlineData("policies: [ { appId: a, trustDomain: public } ]", "has no namespace")]
    public void An_incomplete_policy_stops_the_start(string rules, string problem) => Assert.Contains(problem, Assert.Throws<ConfigurationException>(() => Read(rules)).Message);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_without_access_gets_403_in_daprd_s_words_and_the_app_is_not_called(bool twoHosts)
    {
        var called = 0;
        var names = Path.Combine(Directory.CreateTempSubdirectory("names-").FullName, "names.db");
        var resolution = $"nameResolution: {{ component: sqlite, configuration: {{ connectionString: {names} }} }}";
        var config = Yaml.Configuration($"{resolution}\naccessControl:\n{string.Join('\n', Rules.Split('\n').Select(line => "  " + line))}");
        var callee = new TestApp("callee", app => app.MapFallback(() => Interlocked.Increment(ref called)));
        await using var first = await TestMesh.StartAsync("", twoHosts ? [callee] : [callee, new TestApp("clerk")], config);
        await using var second = twoHosts ? await TestMesh.StartAsync("", [new TestApp("clerk")], Yaml.Configuration(resolution)) : null;
        var mesh = second ?? first;
        called = 0;

        var allowed = await mesh.SendAsync("clerk", "GET", "/v1.0/invoke/callee/method/letters");
        var denied = await mesh.SendAsync("clerk", "POST", "/v1.0/invoke/callee/method/letters", "{}", "application/json", ("dapr-caller-app-id", "chief"));
        var self = await first.SendAsync("callee", "POST", "/v1.0/invoke/callee/method/anything", "{}");
        using var dapr = mesh.Dapr("clerk");
#pragma warning disable CS0618
        var grpc = await Assert.ThrowsAsync<Dapr.Client.InvocationException>(() => dapr.InvokeMethodGrpcAsync("callee", "other"));
#pragma warning restore CS0618

        Assert.Equal((200, 200, 2), (allowed.Status, self.Status, called));
        Assert.Equal((403, "ERR_DIRECT_INVOKE"), (denied.Status, denied.ErrorCode));
        Assert.Equal("failed to invoke, id: callee, err: rpc error: code = PermissionDenied desc = access control policy has denied access to id: spiffe://public/ns/default/clerk operation: letters verb: POST", denied.Message);
        Assert.Equal(Grpc.Core.StatusCode.PermissionDenied, Assert.IsType<Grpc.Core.RpcException>(grpc.InnerException).StatusCode);
        Directory.Delete(Path.GetDirectoryName(names)!, recursive: true);
    }

    [Fact]
    public async Task Each_app_may_have_a_configuration_of_its_own()
    {
        await using var mesh = await TestMesh.StartAsync("",
            [new TestApp("caller"), new TestApp("open", app => app.MapFallback(() => "open")), new TestApp("shut", app => app.MapFallback(() => "shut"), options => options with { ConfigFiles = ["shut.yaml"] })],
            files: folder => File.WriteAllText(Path.Combine(folder, "shut.yaml"), Yaml.Configuration("accessControl: { defaultAction: deny }")));

        Assert.Equal(200, await mesh.StatusAsync("caller", "/v1.0/invoke/open/method/x"));
        Assert.Equal(403, await mesh.StatusAsync("caller", "/v1.0/invoke/shut/method/x"));
    }

    [Fact]
    public async Task An_API_that_is_not_allowed_does_not_exist()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("memory", "state.in-memory"), [new TestApp("app")],
            Yaml.Configuration("api: { allowed: [ { name: state, version: v1, protocol: http }, { name: metadata, version: v1, protocol: grpc } ] }"));
        using var dapr = mesh.Dapr("app");

        Assert.Equal(204, await mesh.StatusAsync("app", "/v1.0/state/memory/k"));
        Assert.Equal(204, await mesh.StatusAsync("app", "/v1.0/healthz"));
        Assert.Equal(404, await mesh.StatusAsync("app", "/v1.0/metadata"));
        Assert.Equal(404, await mesh.StatusAsync("app", "/v1.0/invoke/app/method/x"));
        Assert.Equal("app", (await dapr.GetMetadataAsync()).Id);
        var refused = await Assert.ThrowsAsync<Dapr.DaprException>(() => dapr.GetStateAsync<string>("memory", "k"));
        Assert.Equal(Grpc.Core.StatusCode.Unimplemented, Assert.IsType<Grpc.Core.RpcException>(refused.InnerException).StatusCode);
    }

    [Fact]
    public async Task A_denied_API_is_gone_and_the_others_stay()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("memory", "state.in-memory"), [new TestApp("app")],
            Yaml.Configuration("api: { denied: [ { name: shutdown, version: v1, protocol: http }, { name: state/memory, version: v1.0, protocol: http } ] }"));

        Assert.Equal(404, (await mesh.SendAsync("app", "POST", "/v1.0/shutdown")).Status);
        Assert.Equal(200, await mesh.StatusAsync("app", "/v1.0/metadata"));
    }

    [Theory]
    [InlineData("GetState", "v1/state")]
    [InlineData("QueryStateAlpha1", "v1alpha1/state")]
    [InlineData("ExecuteActorStateTransaction", "v1/actors")]
    [InlineData("BulkPublishEventAlpha1", "v1alpha1/publish")]
    [InlineData("GetWorkflowBeta1", "v1beta1/workflows")]
    [InlineData("SubscribeConfiguration", "v1/configuration")]
    [InlineData("DeleteJobsByPrefixAlpha1", "v1alpha1/jobs")]
    [InlineData("ConverseAlpha2", "v1alpha2/conversation")]
    [InlineData("GetBulkSecret", "v1/secrets")]
    [InlineData("SubtleSignAlpha1", "v1alpha1/subtlecrypto")]
    public void A_gRPC_method_belongs_to_its_API(string method, string key) => Assert.Equal(key, ApiAccess.GrpcKey(method));

    private static AccessControl? Read(string rules)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Yaml.Configuration($"accessControl:\n{string.Join('\n', rules.Split('\n').Select(line => "  " + line))}"));
            return Configuration.Load([file], Path.GetTempPath()).AccessControl;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
