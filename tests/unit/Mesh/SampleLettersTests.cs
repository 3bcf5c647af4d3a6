using Tarasol.Mesh.Demo;

namespace Tarasol.Tests.Unit.Mesh;

public sealed class SampleLettersTests
{
    private static readonly IReadOnlyList<SampleLetter> Letters = SampleLetter.Load();

    [Fact]
    public void There_are_over_forty_different_texts_and_half_of_them_are_Arabic()
    {
        Assert.True(Letters.Count > 40);
        Assert.Equal(Letters.Count, Letters.Select(letter => letter["body"]).Distinct().Count());
        Assert.Equal(Letters.Count / 2, Letters.Count(letter => letter.IsArabic));
    }

    [Fact]
    public void Each_outcome_is_there_and_whoever_does_not_approve_says_why_in_both_languages()
    {
        Assert.Equal(["approved", "corrected", "referred", "rejected", "returned"], Letters.Select(letter => letter.Outcome).Distinct().Order());
        Assert.All(Letters.Where(letter => letter.Outcome is not ("approved" or "referred")), letter => Assert.True(letter.Comment is { Ar.Length: > 0, En.Length: > 0 }));
        Assert.All(Letters, letter => Assert.Equal(letter.Outcome == "corrected", letter.Correction is not null));
    }

    [Fact]
    public void Every_direction_urgency_and_nearly_every_level_is_there()
    {
        Assert.Equal(["incoming", "internal", "outgoing"], Letters.Select(letter => letter.Direction).Distinct().Order());
        Assert.Equal(["normal", "urgent", "very-urgent"], Letters.Select(letter => letter["urgency"]).Distinct().Order());
        Assert.Equal(["normal", "restricted", "secret"], Letters.Select(letter => letter["confidentiality"]).Distinct().Order());
    }

    [Fact]
    public void What_is_told_of_single_letters_is_told_of_letters_that_came_in()
    {
        var incoming = Letters.Where(letter => letter.IsIncoming).Select(letter => letter.Name).ToHashSet();
        Assert.Subset(incoming, Letters.Select(letter => letter.RepliesTo).OfType<string>().Concat(Morning.ForTomorrow).Concat([Morning.Overdue, Morning.Misdirected, Morning.Twice, Morning.Secret]).ToHashSet());
    }
}
