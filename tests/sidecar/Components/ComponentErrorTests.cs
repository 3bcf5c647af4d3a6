using Microsoft.Extensions.Logging;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;
using Tarasol.Tests.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Components;

/// <summary>Component files that cannot be used: the host says which file, which line and why, and does not start.</summary>
public sealed class ComponentErrorTests
{
    private const string Head = "apiVersion: dapr.io/v1alpha1\nkind: Component\n";

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "malformed YAML", Head + "metadata:\n  name: [ broken\nspec: }\n", "all.yaml: not valid YAML" },
        { "malformed YAML with a place", Head + "metadata:\n  name: \"broken\nspec: 1\n", "all.yaml:4: not valid YAML" },
        { "a list as document", "- one\n- two\n", "all.yaml:1: a resource must be a mapping" },
        { "no kind", "metadata: { name: x }\n", "all.yaml:1: the resource has no kind" },
        { "no name", Head + "spec: { type: state.in-memory }\n", "all.yaml:1: the component has no metadata.name" },
        { "no spec", Head + "metadata: { name: x }\n", "component x has no spec" },
        { "no type", Head + "metadata: { name: x }\nspec: { version: v1 }\n", "component x has no spec.type" },
        { "unknown type", Head + "metadata: { name: x }\nspec:\n  type: state.stone-tablet\n  version: v1\n", "all.yaml:5: the component type state.stone-tablet/v1 is not served by this host" },
        { "unknown version", Head + "metadata: { name: x }\nspec: { type: state.in-memory, version: v9 }\n", "the component type state.in-memory/v9 is not served by this host" },
        { "metadata as mapping", Head + "metadata: { name: x }\nspec: { type: state.in-memory, metadata: { a: b } }\n", "spec.metadata must be a list of name and value" },
        { "metadata item without name", Head + "metadata: { name: x }\nspec: { type: state.in-memory, metadata: [ { value: b } ] }\n", "a metadata item has no name" },
        { "metadata key twice", Head + "metadata: { name: x }\nspec: { type: state.in-memory, metadata: [ { name: a, value: b }, { name: A, value: c } ] }\n", "the metadata key A is there twice" },
        { "wrong metadata", Yaml.Component("x", "state.sqlite", ("connectionString", "x.db"), ("cleanupInterval", "soon")), "component x (state.sqlite)" },
        { "required metadata missing", Yaml.Component("x", "secretstores.local.file"), "missing local secrets file in metadata (secretsFile)" },
        { "initTimeout", Head + "metadata: { name: x }\nspec: { type: state.in-memory, initTimeout: long }\n", "initTimeout long is no duration" },
        { "scopes as text", Head + "metadata: { name: x }\nscopes: app\nspec: { type: state.in-memory }\n", "all.yaml:4: scopes must be a list of app-ids" },
        { "the same name twice", Yaml.All(Yaml.Component("x", "state.in-memory"), Yaml.Component("x", "state.in-memory")), "a second component named x for app" },
        { "secret without a store", Head + "metadata: { name: x }\nspec:\n  type: state.sqlite\n  metadata:\n  - { name: connectionString, secretKeyRef: { name: s } }\n",
            "connectionString refers to a secret, but auth.secretStore names no store" },
        { "secret of an unknown store", Head + "metadata: { name: x }\nauth: { secretStore: vault }\nspec:\n  type: state.sqlite\n  metadata:\n  - { name: connectionString, secretKeyRef: { name: s } }\n",
            "there is no secret store vault" },
        { "a token by envRef", Head + "metadata: { name: x }\nspec: { type: state.in-memory, metadata: [ { name: a, envRef: DAPR_API_TOKEN } ] }\n", "may not read the environment variable DAPR_API_TOKEN" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_component_file_that_cannot_be_used_is_named_with_the_reason(string what, string resources, string problem)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => TestMesh.StartAsync(resources, [new TestApp("app")]));

        Assert.True(failure is ConfigurationException or ComponentException, $"{what}: {failure}");
        Assert.Contains(problem, failure.Message);
    }

    [Fact]
    public async Task Secret_stores_that_need_each_other_are_refused_with_the_ring_that_they_form()
    {
        static string Store(string name, string other) => $"""
            {Head}metadata: {"{"} name: {name} {"}"}
            auth: {"{"} secretStore: {other} {"}"}
            spec:
              type: secretstores.local.file
              metadata:
              - {"{"} name: secretsFile, secretKeyRef: {"{"} name: file {"}"} {"}"}
            """;

        var failure = await Assert.ThrowsAsync<ConfigurationException>(() => TestMesh.StartAsync(Yaml.All(Store("a", "b"), Store("b", "c"), Store("c", "a")), [new TestApp("app")]));

        Assert.Contains("a -> b -> c -> a", failure.Message);
    }

    [Fact]
    public async Task Secret_stores_open_one_another_in_whatever_order_the_files_name_them()
    {
        const string Chain = $$"""
            {{Head}}metadata: { name: third }
            auth: { secretStore: second }
            spec:
              type: secretstores.local.file
              metadata:
              - { name: secretsFile, secretKeyRef: { name: next } }
            ---
            {{Head}}metadata: { name: second }
            auth: { secretStore: first }
            spec:
              type: secretstores.local.file
              metadata:
              - { name: secretsFile, secretKeyRef: { name: next } }
            ---
            {{Head}}metadata: { name: first }
            spec:
              type: secretstores.local.file
              metadata:
              - { name: secretsFile, value: first.json }
            """;
        await using var mesh = await TestMesh.StartAsync(Chain, [new TestApp("app")], files: folder =>
        {
            File.WriteAllText(Path.Combine(folder, "first.json"), """{"next":"second.json"}""");
            File.WriteAllText(Path.Combine(folder, "second.json"), """{"next":"third.json"}""");
            File.WriteAllText(Path.Combine(folder, "third.json"), """{"found":"yes"}""");
        });

        Assert.Equal("""{"found":"yes"}""", (await mesh.SendAsync("app", "GET", "/v1.0/secrets/third/found")).Body.Trim());
    }

    [Fact]
    public async Task With_ignoreErrors_the_rest_is_served_and_the_log_names_what_is_left_out()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.All(
            Head + "metadata: { name: broken }\nspec: { type: secretstores.local.file, ignoreErrors: true }",
            Head + "metadata: { name: unknown }\nspec: { type: state.stone-tablet, ignoreErrors: true }",
            Yaml.Component("memory", "state.in-memory")), [new TestApp("app")]);

        var names = (await mesh.SendAsync("app", "GET", "/v1.0/metadata")).Json.GetProperty("components").EnumerateArray().Select(one => one.GetProperty("name").GetString());

        Assert.Equal(["memory"], names);
        Assert.Contains(mesh.Log, line => line.Level == LogLevel.Error && line.Message.Contains("broken", StringComparison.Ordinal));
        Assert.Contains(mesh.Log, line => line.Level == LogLevel.Error && line.Message.Contains("state.stone-tablet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_component_that_is_not_ready_within_its_initTimeout_stops_the_start()
    {
        // The file is a pipe into which nobody writes.
        var failure = await Assert.ThrowsAsync<ComponentException>(() => TestMesh.StartAsync(
            Head + "metadata: { name: slow }\nspec:\n  type: secretstores.local.file\n  initTimeout: 200ms\n  metadata:\n  - { name: secretsFile, value: pipe }\n", [new TestApp("app")],
            files: folder => System.Diagnostics.Process.Start("mkfifo", Path.Combine(folder, "pipe")).WaitForExit()));

        Assert.Contains("not ready within its initTimeout of 200ms", failure.Message);
    }

    [Fact]
    public async Task An_app_sees_the_components_of_its_scope_only()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.All(
            Yaml.Component("all", "state.in-memory"), Yaml.Component("mine", "state.in-memory") + "\nscopes: [ one ]", Yaml.Component("elsewhere", "state.in-memory") + "\nscopes: [ three ]"),
            [new TestApp("one"), new TestApp("two")]);

        Assert.Equal(204, await mesh.StatusAsync("one", "/v1.0/state/mine/k"));
        Assert.Equal("ERR_STATE_STORE_NOT_FOUND", (await mesh.SendAsync("two", "GET", "/v1.0/state/mine/k")).ErrorCode);
        Assert.Equal("ERR_STATE_STORE_NOT_FOUND", (await mesh.SendAsync("one", "GET", "/v1.0/state/elsewhere/k")).ErrorCode);
    }

    [Fact]
    public async Task An_unknown_metadata_key_is_reported_by_its_name()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("memory", "state.in-memory", ("flavour", "vanilla")), [new TestApp("app")]);

        Assert.Contains(mesh.Log, line => line.Level == LogLevel.Warning && line.Message.Contains("flavour", StringComparison.Ordinal) && line.Message.Contains("all.yaml:1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_component_of_another_namespace_is_not_loaded()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.All(
            Head + "metadata: { name: theirs, namespace: other }\nspec: { type: state.stone-tablet }", Head + "metadata: { name: ours, namespace: here }\nspec: { type: state.in-memory }"),
            [new TestApp("app")], options: options => options with { Namespace = "here" });

        Assert.Equal(204, await mesh.StatusAsync("app", "/v1.0/state/ours/k"));
    }

    [Fact]
    public async Task A_component_type_that_the_configuration_denies_is_left_out()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.Component("memory", "state.in-memory"), [new TestApp("app")], Yaml.Configuration("components: { deny: [ state.in-memory/v1 ] }"));

        Assert.Equal("ERR_STATE_STORE_NOT_CONFIGURED", (await mesh.SendAsync("app", "GET", "/v1.0/state/memory/k")).ErrorCode);
    }

    [Theory]
    [InlineData("resources", "the resources folder")]
    [InlineData("config", "the configuration file")]
    public async Task A_path_that_does_not_exist_is_named(string which, string words)
    {
        var failure = await Assert.ThrowsAsync<ConfigurationException>(() => TestMesh.StartAsync("", [new TestApp("app")],
            options: options => which == "resources" ? options with { ResourcesPaths = ["nowhere"] } : options with { ConfigFiles = ["nowhere"] }));

        Assert.Contains(words, failure.Message);
        Assert.Contains("nowhere", failure.Message);
    }
}
