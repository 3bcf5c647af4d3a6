using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Tarasol.ServiceDefaults.Hosting;

/// <summary>
/// The answer of /healthz, with the instance that was asked. Where two deployments were given the same port, the one that came second
/// must not take the other's good health for its own.
/// </summary>
internal static class InstanceHealth
{
    private const string Header = "Tarasol-Instance";

    /// <summary>The header carries TARASOL_INSTANCE, and is left out when that is not set.</summary>
    public static HealthCheckOptions Options(IConfiguration configuration)
    {
        var options = new HealthCheckOptions();
        if (configuration["TARASOL_INSTANCE"] is { Length: > 0 } instance)
        {
            var write = options.ResponseWriter;
            options.ResponseWriter = (context, report) =>
            {
                context.Response.Headers[Header] = instance;
                return write(context, report);
            };
        }

        return options;
    }
}
