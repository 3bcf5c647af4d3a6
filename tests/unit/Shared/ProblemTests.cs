using System.Globalization;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Tests.Unit.Shared;

public class ProblemTests
{
    public static TheoryData<string> Common => [.. typeof(CommonProblems).GetFields().Select(problem => problem.Name)];

    [Theory]
    [MemberData(nameof(Common))]
    public void A_problem_has_a_code_a_status_and_a_title_in_both_languages(string name)
    {
        var problem = (Problem)typeof(CommonProblems).GetField(name)!.GetValue(null)!;
        Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", problem.Code);
        Assert.InRange(problem.Status, 400, 599);
        Assert.Matches(@"\p{IsArabic}", problem.Title.Ar);
        Assert.DoesNotMatch(@"\p{IsArabic}", problem.Title.En);
        Assert.Equal(problem.Title.En.Contains("{0}", StringComparison.Ordinal), problem.Title.Ar.Contains("{0}", StringComparison.Ordinal));
    }

    [Fact]
    public void The_code_ends_the_type_and_stands_alone()
    {
        var details = CommonProblems.Unavailable.Details("task");
        Assert.Equal("urn:tarasol:problem:service-unavailable", details.Type);
        Assert.Equal("service-unavailable", details.Extensions["code"]);
        Assert.Contains("task", details.Title, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ar", "Ar")]
    [InlineData("ar-SA", "Ar")]
    [InlineData("en-GB", "En")]
    [InlineData("fr", "En")]
    public void A_text_is_Arabic_for_readers_of_Arabic_and_English_for_all_others(string culture, string expected)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = new CultureInfo(culture);
            Assert.Equal(expected, new Text("En", "Ar").ToString());
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }
}
