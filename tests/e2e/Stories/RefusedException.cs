using Tarasol.Tests.E2e.Gateway;

namespace Tarasol.Tests.E2e.Stories;

/// <summary>An answer that says no. A story that expects it looks at it; any other one fails by it.</summary>
internal sealed class RefusedException(string act, Answer answer) : Exception($"{act} was answered {(int)answer.Status} {answer.Text}")
{
    public Answer Answer { get; } = answer;
}
