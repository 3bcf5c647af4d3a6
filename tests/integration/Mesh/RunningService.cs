using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Tarasol.Tests.Integration.Mesh;

/// <summary>A service that runs in this process on a real port.</summary>
public interface IRunningService : IAsyncDisposable
{
    /// <summary>The service's own container.</summary>
    IServiceProvider Services { get; }
}

internal static class RunningService
{
    /// <summary>Runs a service's own Program. Settings are given as command-line configuration, which is stronger than the environment of the test process.</summary>
    public static IRunningService Start(string appId, int port, IReadOnlyDictionary<string, string> settings, Action<IServiceCollection>? configure)
    {
        var assembly = Assembly.Load($"Tarasol.{char.ToUpperInvariant(appId[0])}{appId[1..]}");
        // Every service has a global Program, so that its type cannot be named here.
        var program = assembly.EntryPoint!.DeclaringType!;
        var running = (IStartable)Activator.CreateInstance(typeof(Running<>).MakeGenericType(program), settings, configure)!;
        running.Start(port);
        return running;
    }

    private interface IStartable : IRunningService
    {
        void Start(int port);
    }

    private sealed class Running<TProgram>(IReadOnlyDictionary<string, string> settings, Action<IServiceCollection>? configure)
        : WebApplicationFactory<TProgram>, IStartable
        where TProgram : class
    {
        public void Start(int port)
        {
            UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
            StartServer();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseContentRoot(settings["TARASOL_DATA"]);
            foreach (var (key, value) in settings)
                builder.UseSetting(key, value);
            if (configure is not null)
                builder.ConfigureTestServices(configure);
        }
    }
}
