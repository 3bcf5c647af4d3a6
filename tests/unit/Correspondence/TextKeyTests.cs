using FsCheck;
using FsCheck.Xunit;
using Tarasol.Correspondence.Letters.Duplicates;

namespace Tarasol.Tests.Unit.Correspondence;

public sealed class TextKeyTests
{
    [Theory]
    [InlineData("إجازة", "اجازه")]
    [InlineData("آمال أحمد ٱلله", "امال احمد الله")]
    [InlineData("المستشفى", "المستشفي")]
    [InlineData("مـــديـــر", "مدير")]
    [InlineData("مُدِيرٌ", "مدير")]
    [InlineData("  Invoice,  No.  ٤٢ ", "invoice no 42")]
    [InlineData("ref/12-ب", "ref 12 ب")]
    [InlineData("ﻣﺪﻳﺮ", "مدير")]
    [InlineData("...", "")]
    public void Spellings_that_people_do_not_tell_apart_are_the_same(string text, string key) => Assert.Equal(key, TextKey.Of(text));

    [Property]
    public bool A_key_is_its_own_key(NonNull<string> text) => !IsText(text.Get) || TextKey.Of(TextKey.Of(text.Get)) == TextKey.Of(text.Get);

    [Property]
    public bool Likeness_is_the_same_both_ways_and_from_0_to_1(NonNull<string> one, NonNull<string> other)
    {
        if (!IsText(one.Get) || !IsText(other.Get))
            return true;
        var (first, second) = (TextKey.Of(one.Get), TextKey.Of(other.Get));
        var likeness = TextKey.Likeness(first, second);
        return Math.Abs(likeness - TextKey.Likeness(second, first)) < 1e-9 && likeness is >= 0 and <= 1 && TextKey.Likeness(first, first) == 1;
    }

    [Theory]
    [InlineData("طلب صيانة المبنى الرئيسي", "طلب صيانه المبني الرئيسى", true)]
    [InlineData("طلب صيانة المبنى الرئيسي", "طلب صيانة للمبنى الرئيسي", true)]
    [InlineData("Request for repair of the roof", "Request for the repair of the roof", true)]
    [InlineData("Request for repair of the roof", "Invitation to the annual meeting", false)]
    [InlineData("Invoice 1041 for paper", "Invoice 1042 for paper", false)]
    public void Near_same_subjects_are_told_from_others(string one, string other, bool near) =>
        Assert.Equal(near, TextKey.Likeness(TextKey.Of(one), TextKey.Of(other)) >= LikelyDuplicates.NearlyTheSame);

    // Half of a surrogate pair cannot be normalised; requests with one are refused before.
    private static bool IsText(string text) => !text.Any(char.IsSurrogate);
}
