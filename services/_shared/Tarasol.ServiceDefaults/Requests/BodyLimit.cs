using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tarasol.ServiceDefaults.Requests;

/// <summary>The largest body that a service takes unless an endpoint says otherwise.</summary>
public static class BodyLimit
{
    /// <summary>1 MiB.</summary>
    public const long Default = 1024 * 1024;

    internal static long Of(HttpContext context) => context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? Default;
}
