using Tarasol.Mesh.Demo;

namespace Tarasol.Tests.Unit.Mesh;

public sealed class SampleLettersTests
{
    private static readonly IReadOnlyList<SampleLetter> Letters = SampleLetter.Load();

    [Fact]
    public void There_are_at_least_twelve_and_half_of_them_are_Arabic()
    {
        Assert.True(Letters.Count >= 12);
        Assert.Equal(Letters.Count / 2, Letters.Count(letter => letter.Letter["language"]!.GetValue<string>() == "ar"));
    }

    [Fact]
    public void One_is_returned_one_is_rejected_and_both_say_why_in_both_languages()
    {
        Assert.Single(Letters, letter => letter.Outcome == "returned");
        Assert.Single(Letters, letter => letter.Outcome == "rejected");
        Assert.All(Letters.Where(letter => letter.Outcome != "approved"), letter => Assert.True(letter.Comment is { Ar.Length: > 0, En.Length: > 0 }));
    }

    [Fact]
    public void Every_direction_is_there() =>
        Assert.Equal(["incoming", "internal", "outgoing"], Letters.Select(letter => letter.Letter["direction"]!.GetValue<string>()).Distinct().Order());
}
