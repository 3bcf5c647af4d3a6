using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tarasol.Directories.Names;

namespace Tarasol.Tests.Unit.Directories;

public class NameKeyTests
{
    private static readonly Gen<string> Names = Gen.Elements("أحمد", "إدارة", "الشركة", "مُؤسَّسة", "ى", "شـــركة", "Müller", "O'Hara", "L.L.C.", "١٢٣", "ﻻ", "Œuvre", " ", "-", "آل", "هيئة", "کتاب", "\u0640", "ß", "İzmir")
        .ArrayOf().Select(string.Concat);

    [Theory]
    [InlineData("وِزَارَةُ المَالِيَّة", "وزارة المالية")]
    [InlineData("شـــركة", "شركة")]
    [InlineData("أحمد إبراهيم آل ٱلعلي", "احمد ابراهيم ال العلي")]
    [InlineData("مستشفى", "مستشفي")]
    [InlineData("مؤسسة", "موسسة")]
    [InlineData("مؤسسه", "مؤسسة")]
    [InlineData("هيئة", "هييه")]
    [InlineData("سماء", "سما")]
    [InlineData("کتاب فارسی", "كتاب فارسي")]
    [InlineData("ﻻﻓﺘﺔ", "لافتة")]
    [InlineData("شركة ١٢٣", "شركة 123")]
    [InlineData("Müller & Söhne, GmbH", "muller sohne gmbh")]
    [InlineData("L.L.C.", "llc")]
    [InlineData("O’Hara", "OHARA")]
    [InlineData("Straße", "STRASSE")]
    [InlineData("İzmir", "izmir")]
    [InlineData("Æther  –  Œuvre", "aether oeuvre")]
    public void Two_spellings_are_one_name(string one, string other) => Assert.Equal(NameKey.Fold(one), NameKey.Fold(other));

    [Theory]
    [InlineData("علي", "علا")]
    [InlineData("شركة 12", "شركة 21")]
    [InlineData("Smith", "Smyth")]
    public void Different_names_stay_different(string one, string other) => Assert.NotEqual(NameKey.Fold(one), NameKey.Fold(other));

    [Fact]
    public void The_article_is_no_part_of_a_word() => Assert.Equal(["وزاره", "ماليه", "الو"], NameKey.Words("الوزارة المالية الو"));

    [Fact]
    public void Words_that_many_have_tell_nobody_apart_unless_there_is_nothing_else()
    {
        Assert.Equal(["نور"], NameKey.TellingWords("شركة النور المحدودة"));
        Assert.Equal(["the", "company"], NameKey.TellingWords("The Company"));
    }

    [Property(MaxTest = 500)]
    public Property Folding_again_changes_nothing() => Prop.ForAll(Names.ToArbitrary(), name => NameKey.Fold(NameKey.Fold(name)) == NameKey.Fold(name));

    [Property(MaxTest = 500)]
    public bool Whatever_the_text_it_is_folded_once_and_for_all(string? text) => text is null || NameKey.Fold(NameKey.Fold(text)) == NameKey.Fold(text);

    [Property(MaxTest = 300)]
    public Property Marks_and_tatweel_anywhere_make_no_difference() => Prop.ForAll(Names.ToArbitrary(), Gen.Choose(0, 1000).ToArbitrary(), (name, seed) =>
    {
        var marked = string.Concat(name.EnumerateRunes().Select((rune, at) => rune + ((seed + at) % 3 == 0 ? "\u064E" : (seed + at) % 3 == 1 ? "\u0640" : "")));
        return NameKey.Fold(marked) == NameKey.Fold(name);
    });

    [Theory]
    [InlineData("وزارة المالية", "وزاره الماليه", 1)]
    [InlineData("وزارة المالية", "وزارة الصحة", 0)]
    [InlineData("مؤسسة النور للتجارة", "مؤسسة نور للتجارة", 1)]
    [InlineData("Gulf Trading Company", "Gulf Tradng Co.", 0.92)]
    [InlineData("Gulf Trading", "Red Sea Shipping", 0)]
    [InlineData("Ministry of Works", "Ministry of Health", 0)]
    [InlineData("", "x", 0)]
    public void Names_are_alike_by_the_words_that_tell_them_apart(string one, string other, double likeness)
    {
        Assert.InRange(Likeness.Of(one, other), likeness - 0.13, likeness + 0.13);
        Assert.Equal(Likeness.Of(one, other), Likeness.Of(other, one), 6);
    }

    [Property(MaxTest = 300)]
    public Property Likeness_is_between_nothing_and_all_and_all_for_the_same_name() => Prop.ForAll(Names.ToArbitrary(), Names.ToArbitrary(), (one, other) =>
        Likeness.Of(one, other) is >= 0 and <= 1 && (NameKey.Fold(one).Length == 0 || Likeness.Of(one, one) == 1));
}
