using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Tests.Unit.Shared;

public class WireEnumTests
{
    public enum Urgency
    {
        Normal,
        VeryUrgent,
    }

    [Theory]
    [InlineData(Urgency.Normal, "normal")]
    [InlineData(Urgency.VeryUrgent, "very-urgent")]
    public void A_value_is_spelled_in_kebab_case_and_read_back(Urgency value, string name)
    {
        Assert.Equal(name, WireEnum.Name(value));
        Assert.True(WireEnum.TryParse<Urgency>(name, out var read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("VeryUrgent")]
    [InlineData("Normal")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("normal,very-urgent")]
    public void No_other_spelling_is_read(string? text) => Assert.False(WireEnum.TryParse<Urgency>(text, out _));

    [Fact]
    public void A_query_parameter_may_be_missing()
    {
        var errors = new Errors();
        Assert.Null(WireEnum.Query<Urgency>(null, "urgency", errors));
        Assert.Null(WireEnum.Query<Urgency>("", "urgency", errors));
        Assert.False(errors.Any);
    }

    [Fact]
    public void A_wrong_query_parameter_is_told_with_what_is_possible()
    {
        var errors = new Errors();
        Assert.Null(WireEnum.Query<Urgency>("now", "urgency", errors));
        var told = (Dictionary<string, string[]>)errors.Details().Extensions["errors"]!;
        Assert.Equal(["must be one of: normal, very-urgent"], told["urgency"]);
    }
}
