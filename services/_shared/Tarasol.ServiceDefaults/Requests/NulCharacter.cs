using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Requests;

/// <summary>U+0000: it can be written in JSON, addresses and forms, PostgreSQL cannot keep it or look for it, and nobody means it.</summary>
public static class NulCharacter
{
    internal static readonly Text NotAllowed = new("must not have the character U+0000 in it", "يجب ألا يحوي المحرف U+0000");

    /// <summary>Refuses a query or form that has it. Throws <see cref="ProblemException"/> with 400.</summary>
    public static void RefuseIn(IEnumerable<KeyValuePair<string, StringValues>> fields)
    {
        var errors = new Errors();
        foreach (var (name, values) in fields)
        {
            if (name.Contains('\0', StringComparison.Ordinal) || values.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true))
                errors.Add(name.Replace("\0", "", StringComparison.Ordinal), NotAllowed);
        }
        errors.ThrowIfAny();
    }

    internal static void RefuseNulInQuery(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true)
            RefuseIn(context.Request.Query);
        return next(context);
    });

    internal static bool IsIn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.Contains('\0', StringComparison.Ordinal),
        JsonValueKind.Array => value.EnumerateArray().Any(IsIn),
        JsonValueKind.Object => value.EnumerateObject().Any(member => member.Name.Contains('\0', StringComparison.Ordinal) || IsIn(member.Value)),
        _ => false,
    };
}
