using Tarasol.Correspondence.Letters;
using Tarasol.Correspondence.Routing;

namespace Tarasol.Tests.Unit.Correspondence;

public sealed class RoutingRulesTests
{
    [Theory]
    [InlineData(LetterStatus.Registered, null)]
    [InlineData(LetterStatus.Returned, null)]
    [InlineData(LetterStatus.InRouting, "routing-under-way")]
    [InlineData(LetterStatus.Approved, "letter-final")]
    [InlineData(LetterStatus.Rejected, "letter-final")]
    public void A_letter_is_routed_when_it_is_registered_or_returned(LetterStatus status, string? refusal) =>
        Assert.Equal(refusal, RouteLetter.Refusal(status)?.ProblemDetails.Extensions["code"]);

    [Theory]
    [InlineData(Decision.Approve, LetterStatus.Approved)]
    [InlineData(Decision.Reject, LetterStatus.Rejected)]
    [InlineData(Decision.Return, LetterStatus.Returned)]
    public void The_last_decision_is_the_letters_outcome(Decision decision, LetterStatus outcome) => Assert.Equal(outcome, CompleteRouting.OutcomeOf(decision));

    [Fact]
    public void The_task_of_a_step_has_always_the_same_id_and_no_other_step_has_it()
    {
        var routings = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToList();
        var ids = routings.SelectMany(routing => Enumerable.Range(1, 20).Select(step => OpenTask.TaskId(routing, step))).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(ids, routings.SelectMany(routing => Enumerable.Range(1, 20).Select(step => OpenTask.TaskId(routing, step))));
        Assert.All(ids, id => Assert.Equal(8, id.Version));
        // Open routings of today look for their tasks tomorrow: the formula must never change.
        Assert.Equal(new Guid("a3676593-af65-8d1d-8527-f671f3b73b9f"), OpenTask.TaskId(new("01920000-0000-7000-8000-000000000001"), 1));
    }
}
