using System.Net;
using Tarasol.Gateway.Limits;

namespace Tarasol.Tests.Unit.Gateway;

public sealed class RateLimitsTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::/64")]
    [InlineData("::1", "::/64")]
    public void Addresses_that_one_caller_may_change_between_are_one_bucket(string address, string bucket) => Assert.Equal(bucket, RateLimits.Bucket(IPAddress.Parse(address)));
}
