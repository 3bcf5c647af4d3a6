using Tarasol.Tests.E2e.Gateway;

namespace Tarasol.Tests.E2e.Api;

/// <summary>One mesh with one tenant and a letter, for tests that only ask and add, or leave it whole.</summary>
[CollectionDefinition(nameof(SharedMesh))]
public sealed class SharedMesh : IAsyncLifetime, ICollectionFixture<SharedMesh>
{
    private MeshProcess? mesh;
    private Organisation? organisation;

    internal MeshProcess Mesh => mesh!;

    internal Organisation Organisation => organisation!;

    /// <summary>An incoming letter in no routing.</summary>
    internal string LetterId { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        mesh = await MeshProcess.StartAsync();
        organisation = await Organisation.MakeAsync(mesh, "acme");
        LetterId = (await organisation.Clerk.PostAsync("/api/correspondence/letters", organisation.Letter())).Is(System.Net.HttpStatusCode.Created).Json.GetProperty("id").GetString()!;
    }

    public ValueTask DisposeAsync() => mesh?.DisposeAsync() ?? default;
}
