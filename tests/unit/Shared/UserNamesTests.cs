using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Tests.Unit.Shared;

public sealed class UserNamesTests
{
    [Theory]
    [InlineData("salma", true)]
    [InlineData("s.al-ma_2@acme+x", true)]
    [InlineData(".hidden", true)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("_-_", false)]
    [InlineData("../salma", false)]
    [InlineData("salma\n", false)]
    [InlineData("سلمى", false)]
    [InlineData("a b", false)]
    public void A_name_is_no_other_path(string text, bool isOne)
    {
        Assert.Equal(isOne, UserNames.IsOne(text));
        if (isOne)
            Assert.Equal($"/by-name/{text}", Uri.UnescapeDataString(new Uri(new("http://identity/"), $"by-name/{Uri.EscapeDataString(text)}").AbsolutePath));
    }
}
