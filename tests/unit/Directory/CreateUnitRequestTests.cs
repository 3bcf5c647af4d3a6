using System.ComponentModel.DataAnnotations;
using Tarasol.Directories.Units;

namespace Tarasol.Tests.Unit.Directories;

public class CreateUnitRequestTests
{
    [Theory]
    [InlineData("FIN", true)]
    [InlineData("مالية-1", true)]
    [InlineData("fin-2", true)]
    [InlineData("F/N", false)]
    [InlineData("F N", false)]
    [InlineData("FIN\n", false)]
    [InlineData("{seq}", false)]
    [InlineData("F.N", false)]
    public void A_code_has_no_character_that_separates_the_parts_of_a_reference_number(string code, bool valid)
    {
        var parameter = typeof(CreateUnit.Request).GetConstructors().Single(constructor => constructor.GetParameters().Length == 5).GetParameters()[0];
        var form = Assert.IsType<RegularExpressionAttribute>(Assert.Single(parameter.GetCustomAttributes(typeof(RegularExpressionAttribute), false)));
        Assert.Equal(valid, form.IsValid(code));
    }
}
