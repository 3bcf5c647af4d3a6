using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Tarasol.Numbering;
using Tarasol.Numbering.Masks;

namespace Tarasol.Tests.Unit.Numbering;

public class NumberMaskTests
{
    private static readonly DateOnly Day = new(2026, 11, 25);

    [Theory]
    [InlineData("IN/{unit}/{year}/{seq:5}", 42, "IN/FIN/2026/00042")]
    [InlineData("{direction}-{hijri}-{year}-{seq}", 7, "OUT-1448-2026-7")]
    [InlineData("{seq:3}/{year}", 12345, "12345/2026")]
    [InlineData("{year}/{seq:1} ص", 9, "2026/9 ص")]
    [InlineData("صادر/{unit}/{year}/{seq:4}", 1, "صادر/FIN/2026/0001")]
    public void A_mask_is_filled(string mask, long sequence, string number) =>
        Assert.Equal(number, NumberMask.Parse(mask).Format("FIN", Direction.Outgoing, Day, sequence));

    [Theory]
    [InlineData(Direction.Incoming, "IN")]
    [InlineData(Direction.Outgoing, "OUT")]
    [InlineData(Direction.Internal, "INT")]
    public void The_direction_is_written_short(Direction direction, string expected) =>
        Assert.Equal($"{expected}/2026/1", NumberMask.Parse("{direction}/{year}/{seq}").Format("FIN", direction, Day, 1));

    [Theory]
    [InlineData("", 0, "empty")]
    [InlineData("   ", 0, "empty")]
    [InlineData("{year}", 6, "{seq} is missing")]
    [InlineData("{seq}", 5, "{year} is missing")]
    [InlineData("{hijri}/{seq}", 13, "{year} is missing")]
    [InlineData("{year}/{seq}/{seq}", 13, "twice")]
    [InlineData("{year}/{seq", 7, "not closed")]
    [InlineData("{year}/seq}", 10, "without its {")]
    [InlineData("{year}/{sequence}", 7, "{sequence} is not known")]
    [InlineData("{year}/{Seq}", 7, "{Seq} is not known")]
    [InlineData("{}/{year}/{seq}", 0, "{} is not known")]
    [InlineData("{year:4}/{seq}", 0, "{year} takes no width")]
    [InlineData("{year}/{seq:0}", 7, "from 1 to 18")]
    [InlineData("{year}/{seq:19}", 7, "from 1 to 18")]
    [InlineData("{year}/{seq:}", 7, "from 1 to 18")]
    [InlineData("{year}/{seq:-3}", 7, "from 1 to 18")]
    [InlineData("{year}/{seq: 3}", 7, "from 1 to 18")]
    [InlineData("{unit}{seq}/{year}", 6, "separator")]
    [InlineData("{year}/{unit}0{seq}", 14, "separator")]
    [InlineData("{seq}{year}", 0, "separator")]
    [InlineData("a\u0007b/{year}/{seq}", 1, "Control")]
    public void A_wrong_mask_is_refused_with_what_and_where(string mask, int position, string message)
    {
        Assert.False(NumberMask.TryParse(mask, out var parsed, out var error));
        Assert.Null(parsed);
        Assert.Equal(position, error!.Position);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_longer_than_the_column_is_refused() =>
        Assert.False(NumberMask.TryParse(new string('x', NumberMask.MaxLength) + "/{year}/{seq}", out _, out _));

    [Fact]
    public void Parse_throws_naming_the_mask()
    {
        var thrown = Assert.Throws<FormatException>(() => NumberMask.Parse("{year}"));
        Assert.Contains("'{year}'", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_are_told_in_Arabic_too()
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = new CultureInfo("ar");
            Assert.False(NumberMask.TryParse("{year}", out _, out var error));
            Assert.Contains("ينقص {seq}", error!.Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    [Theory]
    [InlineData("1900-04-29", false)]
    [InlineData("1900-04-30", true)]
    [InlineData("2077-11-16", true)]
    [InlineData("2077-11-17", false)]
    public void Dates_outside_the_Hijri_tables_are_not_supported(string date, bool supported) =>
        Assert.Equal(supported, NumberMask.Supports(DateOnly.Parse(date, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("{hijri}/{seq}", YearCalendar.Hijri, false, "1448/7")]
    [InlineData("{type}/{year}/{seq}", YearCalendar.Gregorian, true, "CON/2026/7")]
    public void A_series_of_Hijri_years_or_of_one_letter_type_shows_them(string mask, YearCalendar reset, bool typed, string number) =>
        Assert.Equal(number, NumberMask.Parse(mask, reset, typed).Format("FIN", Direction.Outgoing, Day, 7, "CON"));

    [Theory]
    [InlineData("{year}/{seq}", YearCalendar.Hijri, 12, "{hijri} is missing")]
    [InlineData("{year}/{type}/{seq}", YearCalendar.Gregorian, 7, "one letter type only")]
    public void A_mask_shows_the_year_of_its_reset_and_a_type_only_where_there_is_one(string mask, YearCalendar reset, int position, string message)
    {
        Assert.False(NumberMask.TryParse(mask, out _, out var error, reset));
        Assert.Equal(position, error!.Position);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_Hijri_year_begins_on_the_first_of_Muharram() =>
        Assert.Equal(("1447", "1448"), (NumberMask.YearOf(new(2026, 6, 15), YearCalendar.Hijri), NumberMask.YearOf(new(2026, 6, 16), YearCalendar.Hijri)));

    [Property(MaxTest = 2000)]
    public Property Two_places_of_a_series_never_look_alike()
    {
        var all = from mask in Masks() from first in Places() from second in Places() select (mask, first, second);
        return Prop.ForAll(all.ToArbitrary(), draw =>
        {
            var (mask, first, second) = draw;
            if (!NumberMask.TryParse(mask, out var parsed, out _) || (first.Year, first.Sequence) == (second.Year, second.Sequence))
                return true;
            return Write(parsed!, first) != Write(parsed!, second);
        });
    }

    [Property]
    public Property Any_text_is_either_a_mask_or_refused_within_its_bounds() => Prop.ForAll(Masks().ToArbitrary(), mask =>
        NumberMask.TryParse(mask, out var parsed, out var error)
            ? parsed!.Text == mask && error is null
            : parsed is null && error!.Position >= 0 && error.Position <= mask.Length && error.Message.Length > 0);

    private static string Write(NumberMask mask, Place place) => mask.Format(place.Unit, Direction.Incoming, new DateOnly(place.Year, place.Month, 1), place.Sequence);

    // Few different pieces and small numbers, so that collisions would be found.
    private static Gen<string> Masks() =>
        from pieces in Gen.Elements("{unit}", "{year}", "{hijri}", "{seq}", "{seq:2}", "{direction}", "/", "-", "1", "A", "{", "}").ListOf()
        from always in Gen.Elements("", "{year}/{seq}", "{year}-{unit}-{seq}", "{unit}{year}/{seq}", "{unit}{seq}/{year}", "{year}{seq}", "{year}/{unit}1{seq}")
        select string.Concat(pieces) + always;

    private static Gen<Place> Places() =>
        from unit in Gen.Elements("A", "A1", "1", "11", "1-1")
        from year in Gen.Choose(2026, 2027)
        from month in Gen.Choose(1, 12)
        from sequence in Gen.Elements(1, 2, 11, 12, 111, 112)
        select new Place(unit, year, month, sequence);

    private sealed record Place(string Unit, int Year, int Month, long Sequence);
}
