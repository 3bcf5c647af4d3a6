using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tasks.WorkItems;

namespace Tarasol.Tests.Unit.Tasks;

public sealed class DecisionRulesTests
{
    [Theory]
    [InlineData(Decision.Approve, null, true)]
    [InlineData(Decision.Approve, "Fine.", true)]
    [InlineData(Decision.Reject, "No.", true)]
    [InlineData(Decision.Return, "Why?", true)]
    [InlineData(Decision.Reject, null, false)]
    [InlineData(Decision.Return, "  ", false)]
    public void Who_rejects_or_returns_says_why(Decision decision, string? comment, bool valid)
    {
        var errors = new Errors();
        new DecideWorkItem.Request(decision, comment).Validate(errors);
        Assert.Equal(valid, !errors.Any);
    }
}
