using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tarasol.Numbering;
using Tarasol.Numbering.Masks;

namespace Tarasol.Tests.Unit.Numbering;

public class NumberPatternTests
{
    [Theory]
    [InlineData("IN/{unit}/{year}/{seq:5}", "OUT/{unit}/{year}/{seq:5}", null)]
    [InlineData("IN/{unit}/{year}/{seq:5}", "INT/{unit}/{year}/{seq:5}", null)]
    [InlineData("IN/{unit}/{year}/{seq:5}", "IN/FIN/{year}/{seq:5}", "IN/FIN/2026/00001")]
    [InlineData("IN/{year}/{seq:5}", "IN/{hijri}/{year}/{seq:4}", null)]
    [InlineData("IN/{year}/{seq}", "IN/{seq}/{year}", "IN/2026/2026")]
    [InlineData("صادر/{year}/{seq}", "{unit}/{year}/{seq:3}", "صادر/2026/001")]
    [InlineData("A/{year}-{seq}", "{unit}/{year}/{seq}", null)]
    public void Masks_that_could_write_the_same_are_found_with_an_example(string first, string second, string? example)
    {
        Assert.Equal(example, NumberPattern.Common(Of(first), Of(second)));
        Assert.Equal(example is null, NumberPattern.Common(Of(second), Of(first)) is null);
    }

    [Fact]
    public void A_series_for_one_unit_writes_only_that_unit()
    {
        var fin = NumberPattern.Of(NumberMask.Parse("IN/{unit}/{year}/{seq}"), Direction.Incoming, "FIN", "");
        Assert.Null(NumberPattern.Common(fin, NumberPattern.Of(NumberMask.Parse("IN/{unit}/{year}/{seq}"), Direction.Incoming, "ACC", "")));
        Assert.NotNull(NumberPattern.Common(fin, Of("IN/{unit}/{year}/{seq}")));
    }

    [Property(MaxTest = 5000)]
    public Property Masks_without_a_common_text_never_write_the_same_number() => Prop.ForAll(
        (from first in Masks() from second in Masks() from here in Places() from there in Places() select (first, second, here, there)).ToArbitrary(), draw =>
        {
            if (!NumberMask.TryParse(draw.first, out var first, out _) || !NumberMask.TryParse(draw.second, out var second, out _))
                return true;
            var apart = NumberPattern.Common(NumberPattern.Of(first!, Direction.Incoming, null, ""), NumberPattern.Of(second!, Direction.Incoming, null, "")) is null;
            return !apart || Write(first!, draw.here) != Write(second!, draw.there);
        });

    [Property(MaxTest = 2000)]
    public Property A_mask_that_differs_in_width_only_never_writes_the_number_of_another_place() => Prop.ForAll(
        (from mask in Masks() from here in Places() from there in Places() select (mask, here, there)).ToArbitrary(), draw =>
        {
            if (!NumberMask.TryParse(draw.mask, out var narrow, out _) || !NumberMask.TryParse(draw.mask.Replace("{seq:2}", "{seq:4}", StringComparison.Ordinal), out var wide, out _)
                || (draw.here.Year, draw.here.Sequence) == (draw.there.Year, draw.there.Sequence))
                return true;
            return narrow!.IsLike(wide!) && Write(narrow, draw.here) != Write(wide!, draw.there);
        });

    private static NumberPattern Of(string mask) => NumberPattern.Of(NumberMask.Parse(mask), Direction.Incoming, null, "");

    private static string Write(NumberMask mask, Place place) => mask.Format(place.Unit, Direction.Incoming, new DateOnly(place.Year, place.Month, 1), place.Sequence);

    // Few different pieces and small numbers, so that collisions would be found.
    private static Gen<string> Masks() =>
        from before in Gen.Elements("", "{unit}/", "1/", "A/", "{unit}-", "{hijri}/", "{direction}/")
        from middle in Gen.Elements("{year}/{seq:2}", "{seq:2}/{year}", "{year}-{seq:2}", "{year}/{unit}/{seq:2}", "{unit}{year}/{seq:2}", "{year}/1/{seq:2}")
        from after in Gen.Elements("", "/{unit}", "/1", "-1")
        select before + middle + after;

    private static Gen<Place> Places() =>
        from unit in Gen.Elements("A", "1", "11", "1-1", "IN", "2026")
        from year in Gen.Choose(2026, 2027)
        from month in Gen.Choose(1, 12)
        from sequence in Gen.Elements(1, 2, 11, 111, 2026)
        select new Place(unit, year, month, sequence);

    private sealed record Place(string Unit, int Year, int Month, long Sequence);
}
