using Microsoft.AspNetCore.Http;
using Tarasol.Gateway.Proxy;

namespace Tarasol.Tests.Unit.Gateway;

public sealed class PublicSurfaceTests
{
    [Theory]
    [InlineData("/api/task/tasks?state=open&next=%2Fx")]
    [InlineData("/api/identity/users/%D8%B3%D8%A7%D9%84%D9%85")]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/api/tenant/tenants/a.b")]
    public void A_plain_path_is_let_in(string target) => Assert.True(PublicSurface.IsPlain(target));

    [Theory]
    [InlineData("/api/task/..%2f..%2finternal/x")]
    [InlineData("/api/task/%2e%2e/internal")]
    [InlineData("/api/task/%252e%252e/internal")]
    [InlineData("/api/task/../../internal")]
    [InlineData("/api/task/..")]
    [InlineData("/api//internal")]
    [InlineData("/api/task/..\\internal")]
    [InlineData("/api/task/..%5Cinternal")]
    [InlineData("/api/task/%0D%0AX-Injected:%201")]
    [InlineData("/api/task/a%00b")]
    [InlineData("/api/task/a%1fb")]
    [InlineData("http://elsewhere/api/task")]
    public void A_path_that_could_mean_another_one_is_not(string target) => Assert.False(PublicSurface.IsPlain(target));

    [Theory]
    [InlineData("dapr-app-id", "tenant")]
    [InlineData("Dapr-Api-Token", "x")]
    [InlineData("X-Forwarded-For", "1.2.3.4")]
    [InlineData("x-forwarded-host", "a")]
    [InlineData("Forwarded", "for=1.2.3.4")]
    [InlineData("traceparent", "00-0-0-01")]
    [InlineData("Authorization", "Basic ZGFwci1hcHAtaWQ6dGVuYW50")]
    [InlineData("Authorization", "Basic  ZGFwci1hcHAtaWQ6dGVuYW50")]
    [InlineData("Authorization", "Basic not-base64")]
    public void What_only_the_mesh_may_say_is_taken_away(string name, string value)
    {
        var headers = new HeaderDictionary { [name] = value, ["Accept"] = "application/json" };
        ClientHeaders.Strip(headers);

        Assert.Equal(["Accept"], headers.Keys);
    }

    [Theory]
    [InlineData("Bearer abc")]
    [InlineData("Basic Y2xpZW50OnNlY3JldA==")]
    public void Credentials_and_the_caller_s_own_headers_stay(string credentials)
    {
        var headers = new HeaderDictionary { ["Authorization"] = credentials, ["Idempotency-Key"] = "1", ["X-Tenant"] = "a" };
        ClientHeaders.Strip(headers);

        Assert.Equal(3, headers.Count);
    }
}
