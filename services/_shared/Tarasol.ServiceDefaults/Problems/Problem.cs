using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Tarasol.ServiceDefaults.Problems;

/// <summary>One kind of error answer (RFC 9457): a stable code for programs, a title for people. Declare each once, beside the rule that gives it.</summary>
/// <param name="Code">Stable, kebab-case; also the last part of the problem's type URI.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Title">What is wrong; may hold format items.</param>
public sealed record Problem(string Code, int Status, Text Title)
{
    /// <summary>The answer of a use case.</summary>
    public ProblemHttpResult Result(params ReadOnlySpan<object?> values) => TypedResults.Problem(Details(values));

    /// <summary>To throw where an answer cannot be returned.</summary>
    public ProblemException Exception(params ReadOnlySpan<object?> values) => new(Details(values));

    /// <summary>The body, without the trace id, which is added when it is written.</summary>
    public Microsoft.AspNetCore.Mvc.ProblemDetails Details(params ReadOnlySpan<object?> values) => new()
    {
        Type = $"urn:tarasol:problem:{Code}",
        Status = Status,
        Title = Title.With(values),
        Extensions = { ["code"] = Code },
    };
}

/// <summary>Ends a request with the given problem.</summary>
public sealed class ProblemException(Microsoft.AspNetCore.Mvc.ProblemDetails details, Exception? inner = null) : Exception(details.Title, inner)
{
    /// <summary>What is answered.</summary>
    public Microsoft.AspNetCore.Mvc.ProblemDetails Details { get; } = details;
}

/// <summary>Turns exceptions of a library into problems. Null: not one that it knows.</summary>
public interface IProblemMap
{
    /// <summary>The problem for an exception, or null.</summary>
    Microsoft.AspNetCore.Mvc.ProblemDetails? Map(Exception exception);
}
