using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace Tarasol.Gateway.Edge;

/// <summary>
/// Who may say for whom a request comes. Setting TrustedProxies: addresses and networks (10.0.0.0/8) of the balancers in front, separated by commas.
/// X-Forwarded-For and -Proto of anybody else are not believed and not passed on.
/// </summary>
internal static class TrustedProxies
{
    public static void UseTrustedProxies(this WebApplication app)
    {
        if (app.Configuration["TrustedProxies"] is not { Length: > 0 } setting)
            return;
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var each in setting.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPAddress.TryParse(each, out var address))
                options.KnownProxies.Add(address);
            else if (System.Net.IPNetwork.TryParse(each, out var network))
                options.KnownIPNetworks.Add(network);
            else
                throw new InvalidOperationException($"TrustedProxies: {each} is neither an address nor a network (10.0.0.0/8).");
        }

        app.UseForwardedHeaders(options);
    }
}
