using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Gateway;

/// <summary>The gateway in front of a directory, with limits so small that a test reaches them.</summary>
public sealed class GatewayMesh() : TestMesh("directory", "gateway")
{
    public const int UserBurst = 8;
    public const int AnonymousBurst = 12;
    public const int SignInBurst = 10;

    /// <summary>A client of the gateway itself.</summary>
    public HttpClient Outside() => new() { BaseAddress = new Uri($"http://127.0.0.1:{Sidecar("gateway").AppPort}") };

    protected override IEnumerable<KeyValuePair<string, string>> Settings(string appId) => appId != "gateway" ? [] : new Dictionary<string, string>
    {
        ["RateLimit:User:Burst"] = $"{UserBurst}",
        ["RateLimit:User:PerSecond"] = "1",
        ["RateLimit:Anonymous:Burst"] = $"{AnonymousBurst}",
        ["RateLimit:Anonymous:PerSecond"] = "1",
        ["RateLimit:SignIn:Burst"] = $"{SignInBurst}",
        ["RateLimit:SignIn:PerSecond"] = "1",
        // So that each test comes from an address of its own.
        ["TrustedProxies"] = "127.0.0.0/8, ::1",
    };
}
