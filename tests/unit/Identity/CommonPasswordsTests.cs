using Tarasol.Identity.Passwords;

namespace Tarasol.Tests.Unit.Identity;

public sealed class CommonPasswordsTests
{
    [Theory]
    [InlineData("password")]
    [InlineData("Password1!")]
    [InlineData("P@ssw0rd")]
    [InlineData("P@ssw0rd2026!")]
    [InlineData("12345678")]
    [InlineData("qwertyuiop")]
    [InlineData("Welcome@123")]
    [InlineData("11111111111111")]
    [InlineData("Bismillah786")]
    [InlineData("huda.salem")]
    [InlineData("Huda.Salem2026")]
    public void What_guessers_try_first_is_refused_dressed_up_too(string password) => Assert.True(CommonPasswords.Holds(password, "huda.salem"));

    [Theory]
    [InlineData("Good-Pass-1")]
    [InlineData("four horses in the rain")]
    [InlineData("مرحبا بكم في بيتنا")]
    [InlineData("x7#kPq!2vLw9")]
    [InlineData("change-me-2026")]
    public void Others_are_taken_whatever_characters_they_have(string password) => Assert.False(CommonPasswords.Holds(password, "huda.salem"));
}
