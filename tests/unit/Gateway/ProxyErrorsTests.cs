using System.Text;
using Microsoft.AspNetCore.Http;
using Moq;
using Tarasol.Gateway.Proxy;
using Yarp.ReverseProxy.Forwarder;

namespace Tarasol.Tests.Unit.Gateway;

public sealed class ProxyErrorsTests
{
    [Theory]
    [InlineData(ForwarderError.Request, 503)]
    [InlineData(ForwarderError.ResponseHeaders, 503)]
    [InlineData(ForwarderError.NoAvailableDestinations, 503)]
    [InlineData(ForwarderError.RequestTimedOut, 504)]
    [InlineData(ForwarderError.RequestBodyClient, 400)]
    public void What_went_wrong_on_the_way_becomes_a_problem(ForwarderError error, int status) => Assert.Equal(status, ProxyErrors.Map(Error(error), "task").Details.Status);

    [Fact]
    public void A_body_that_grows_over_the_limit_is_413() =>
        Assert.Equal(413, ProxyErrors.Map(
            Error(ForwarderError.RequestBodyClient, new AggregateException(new BadHttpRequestException("too large", 413), new HttpRequestException())), "task").Details.Status);

    [Theory]
    [InlineData("""{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke, id: task"}""", true)]
    [InlineData("""{"errorCode":"ERR_OTHER"}""", false)]
    [InlineData("""{"error":"invalid_grant"}""", false)]
    [InlineData("""["ERR_DIRECT_INVOKE"]""", false)]
    [InlineData("ERR_DIRECT_INVOKE", false)]
    [InlineData("", false)]
    public void Only_the_sidecar_s_own_error_means_that_the_service_is_down(string body, bool unreachable) =>
        Assert.Equal(unreachable, ProxyErrors.IsUnreachable(Encoding.UTF8.GetBytes(body)));

    private static IForwarderErrorFeature Error(ForwarderError error, Exception? exception = null) =>
        Mock.Of<IForwarderErrorFeature>(feature => feature.Error == error && feature.Exception == exception);
}
