using Microsoft.AspNetCore.Mvc;

namespace Tarasol.ServiceDefaults.Problems;

/// <summary>What is wrong with a request, field by field; paths as in <c>steps[0].assignee</c>.</summary>
public sealed class Errors
{
    private readonly SortedDictionary<string, List<string>> fields = new(StringComparer.Ordinal);

    /// <summary>True when something was wrong.</summary>
    public bool Any => fields.Count > 0;

    /// <summary>Tells what is wrong with a field.</summary>
    public void Add(string field, string message)
    {
        if (!fields.TryGetValue(field, out var messages))
            fields[field] = messages = [];
        messages.Add(message);
    }

    /// <summary>Tells what is wrong with a field, in the caller's language.</summary>
    public void Add(string field, Text message) => Add(field, message.ToString());

    /// <summary>Adds everything that is wrong here to other errors, each field behind a prefix such as <c>items[0].</c>.</summary>
    public void CopyTo(Errors others, string prefix)
    {
        foreach (var (field, messages) in fields)
            messages.ForEach(message => others.Add(prefix + field, message));
    }

    /// <summary>The 400 answer with <c>errors</c>.</summary>
    public ProblemDetails Details()
    {
        var details = CommonProblems.Invalid.Details();
        details.Extensions["errors"] = fields.ToDictionary(field => field.Key, field => field.Value.ToArray());
        return details;
    }

    /// <summary>Throws the 400 answer when something was wrong.</summary>
    public void ThrowIfAny()
    {
        if (Any)
            throw new ProblemException(Details());
    }

    /// <summary>One error.</summary>
    public static Errors Of(string field, string message)
    {
        var errors = new Errors();
        errors.Add(field, message);
        return errors;
    }
}
