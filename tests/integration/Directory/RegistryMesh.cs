using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration;

/// <summary>Directory, numbering and audit with their sidecars, once for all tests of these services.</summary>
public sealed class RegistryMesh : TestMesh
{
    private readonly Lazy<Task<TestTenant>> any;

    public RegistryMesh() : base("directory", "numbering", "audit") => any = new(() => NewTenantAsync());

    /// <summary>For tests to which it does not matter what else is in their tenant; all others make one of their own.</summary>
    public Task<TestTenant> AnyTenantAsync() => any.Value;
}

[CollectionDefinition(Name)]
public sealed class RegistryCollection : ICollectionFixture<RegistryMesh>
{
    public const string Name = "registry";
}
