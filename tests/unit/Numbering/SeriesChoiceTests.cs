using Tarasol.Numbering;
using Tarasol.Numbering.Catalogue;
using Tarasol.Numbering.Numbers;

namespace Tarasol.Tests.Unit.Numbering;

public class SeriesChoiceTests
{
    private static readonly string[] FromTheDesk = ["DESK", "FIN", "MIN"];

    private static readonly Series[] All =
    [
        Make("all"), Make("all-contracts", type: "CON"), Make("min-below", "MIN", subtree: true), Make("fin", "FIN"), Make("fin-below", "FIN", subtree: true),
        Make("fin-below-contracts", "FIN", subtree: true, type: "CON"), Make("desk-contracts", "DESK", type: "CON"), Make("other", "ACC"),
    ];

    [Theory]
    [InlineData("MIN", null, "min-below")]
    [InlineData("MIN,ROOT", "CON", "min-below")]
    [InlineData("FIN,MIN", null, "fin")]
    [InlineData("FIN,MIN", "CON", "fin")]
    [InlineData("DESK,FIN,MIN", null, "fin-below")]
    [InlineData("DESK,FIN,MIN", "CON", "desk-contracts")]
    [InlineData("LAW,FIN,MIN", "CON", "fin-below-contracts")]
    [InlineData("LAW,FIN,MIN", "MEMO", "fin-below")]
    [InlineData("HR", null, "all")]
    [InlineData("HR", "CON", "all-contracts")]
    public void The_series_of_the_nearest_unit_numbers_a_letter_and_there_that_of_its_type(string units, string? type, string expected) =>
        Assert.Equal(expected, SeriesChoice.Of(All, units.Split(','), type)!.Key);

    [Fact]
    public void The_order_in_which_series_were_made_does_not_matter() =>
        Assert.Equal("desk-contracts", SeriesChoice.Of(All.Reverse(), FromTheDesk, "CON")!.Key);

    [Fact]
    public void A_letter_without_a_series_has_none() => Assert.Null(SeriesChoice.Of([Make("fin", "FIN"), Make("contracts", type: "CON")], ["DESK", "FIN"], null));

    private static Series Make(string key, string unit = "", bool subtree = false, string type = "") =>
        new() { Key = key, Direction = Direction.Incoming, Unit = unit, Subtree = subtree, LetterType = type, Mask = "{year}/{seq}" };
}
