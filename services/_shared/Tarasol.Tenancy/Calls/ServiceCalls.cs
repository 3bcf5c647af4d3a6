using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Hosting;

namespace Tarasol.Tenancy;

/// <summary>Calls to other services: typed HTTP clients over Dapr invocation with this service's own token, and the person's where the call is made for one.</summary>
public static class ServiceCalls
{
    /// <summary>
    /// Adds <typeparamref name="TClient"/> with an <see cref="HttpClient"/> whose base address is the other service's root, for relative addresses such as
    /// <c>internal/numbers</c>. The caller names the tenant of each call: <see cref="ForTenant"/>.
    /// </summary>
    public static IHttpClientBuilder AddServiceClient<TClient>(this IServiceCollection services, string appId) where TClient : class =>
        Reach(services.AddHttpClient<TClient>(), appId).AddHttpMessageHandler<OnBehalfHandler>();

    /// <summary>Names the tenant that a call between services is about.</summary>
    public static HttpRequestMessage ForTenant(this HttpRequestMessage request, string slug)
    {
        request.Headers.Add(TokenRules.TenantHeader, slug);
        return request;
    }

    internal static IHttpClientBuilder Reach(IHttpClientBuilder client, string appId) => client
        .ConfigureHttpClient((services, http) =>
        {
            http.BaseAddress = services.GetRequiredService<SidecarAddress>().Invoke(appId);
            http.Timeout = ServiceAwayHandler.LongestAnswer;
        })
        .AddHttpMessageHandler(() => new ServiceAwayHandler(appId))
        .AddHttpMessageHandler<ServiceTokenHandler>()
        .AddHttpMessageHandler<SidecarTokenHandler>();
}

/// <summary>Adds the token of the person whose request causes the call, where there is one.</summary>
internal sealed class OnBehalfHandler(IHttpContextAccessor http) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (http.HttpContext is { User: { Identity.IsAuthenticated: true } user } context && user.FindFirst(TokenRules.TenantClaim) is not null)
            request.Headers.TryAddWithoutValidation(TokenRules.OnBehalfOfHeader, context.Request.Headers.Authorization.ToString());
        return base.SendAsync(request, cancellationToken);
    }
}

/// <summary>Adds this service's own access token.</summary>
internal sealed class ServiceTokenHandler(ServiceToken token) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await token.GetAsync(cancellationToken));
        return await base.SendAsync(request, cancellationToken);
    }
}
