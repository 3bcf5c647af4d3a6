using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Tarasol.Tests.Sidecar.Hosting;
using Service = Dapr.Client.Autogen.Grpc.v1.Dapr;

namespace Tarasol.Tests.Sidecar.Metadata;

/// <summary>Metadata and shutdown through Dapr.Client of NuGet.</summary>
public sealed class DaprClientTests
{
    [Fact]
    public async Task Metadata_tells_who_and_what_is_there_and_takes_labels()
    {
        await using var mesh = await TestMesh.StartAsync(Yaml.All(Yaml.Component("memory", "state.in-memory"), Yaml.Component("pubsub", "pubsub.in-memory")), [new TestApp("app", _ => { })]);
        using var dapr = mesh.Dapr("app");

        await dapr.SetMetadataAsync("colour", "green");
        var metadata = await dapr.GetMetadataAsync();

        Assert.Equal("app", metadata.Id);
        Assert.Equal("green", metadata.Extended["colour"]);
        Assert.Equal(["memory state.in-memory v1", "pubsub pubsub.in-memory v1"], metadata.Components.Select(one => $"{one.Name} {one.Type} {one.Version}").Order(StringComparer.Ordinal));
        Assert.Contains("TRANSACTIONAL", metadata.Components.Single(one => one.Name == "memory").Capabilities);
    }

    [Fact]
    public async Task Labels_of_one_app_are_not_those_of_another()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("one"), new TestApp("two")]);
        using var one = mesh.Dapr("one");
        using var two = mesh.Dapr("two");

        await one.SetMetadataAsync("colour", "green");

        Assert.DoesNotContain("colour", (await two.GetMetadataAsync()).Extended.Keys);
    }

    [Fact]
    public async Task What_is_not_served_is_refused_as_by_a_daprd_without_such_a_component()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app")]);
        using var channel = mesh.Grpc("app");
        var service = new Service.DaprClient(channel);
        // EncryptAsync and DecryptAsync of the client keep what goes wrong to themselves and give back nothing.
        using var encrypt = service.EncryptAlpha1();
        using var decrypt = service.DecryptAlpha1();

#pragma warning disable CS0612 // Alpha in the package.
        await RefusedAsync(StatusCode.Internal, "crypto providers not configured", () => encrypt.ResponseStream.MoveNext(CancellationToken.None));
        await RefusedAsync(StatusCode.Internal, "crypto providers not configured", () => decrypt.ResponseStream.MoveNext(CancellationToken.None));
        await RefusedAsync(StatusCode.InvalidArgument, "failed finding conversation component talk", async () => await service.ConverseAlpha1Async(new() { Name = "talk" }));
        await RefusedAsync(StatusCode.InvalidArgument, "failed finding conversation component talk", async () => await service.ConverseAlpha2Async(new() { Name = "talk" }));
        await RefusedAsync(StatusCode.Unimplemented, "this API is currently not implemented", async () => await service.SubtleGetKeyAlpha1Async(new()));
        await RefusedAsync(StatusCode.Unimplemented, "this API is currently not implemented", async () => await service.CreateCollectionAlpha1Async(new()));
#pragma warning restore CS0612
    }

    private static async Task RefusedAsync(StatusCode status, string message, Func<Task> call)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(call);
        var refused = Assert.IsType<RpcException>(failure as RpcException ?? failure.InnerException);
        Assert.Equal((status, message), (refused.StatusCode, refused.Status.Detail));
    }

    [Fact]
    public async Task An_app_that_shuts_its_sidecar_down_leaves_the_others_theirs()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("one"), new TestApp("two")]);
        using var dapr = mesh.Dapr("one");

        await dapr.ShutdownSidecarAsync();

        Assert.Equal(500, await mesh.StatusAsync("one", "/v1.0/healthz/outbound"));
        Assert.Equal(204, await mesh.StatusAsync("two", "/v1.0/healthz"));
    }
}
