using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Tarasol.Correspondence.LetterTypes;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Letters;

/// <summary>GET /api/correspondence/letters/{id}, with the row version as ETag.</summary>
public static class ReadLetter
{
    public static async Task<Results<Ok<LetterView>, StatusCodeHttpResult, ProblemHttpResult>> HandleAsync(
        Guid id, ClaimsPrincipal user, VisibleLetters visible, HttpContext context, PublishedSettings settings, CancellationToken cancel)
    {
        if (await (await visible.ForAsync(user, Permissions.ReadLetters, cancel)).AsNoTracking().FirstOrDefaultAsync(letter => letter.Id == id, cancel) is not { } letter)
            return CommonProblems.NotFound.Result();
        var tag = LetterTag.Of(letter);
        context.Response.Headers.ETag = tag.ToString();
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false) || known.Equals(EntityTagHeaderValue.Any)))
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return TypedResults.Ok(LetterView.Of(letter, letter is { LetterTypeId: { } type, LetterTypeVersion: { } version } ? await settings.TypeAsync(type, version, cancel) : null));
    }
}

/// <summary>A letter's version as an entity tag.</summary>
public static class LetterTag
{
    public static EntityTagHeaderValue Of(Letter letter) => new($"\"{letter.Version}\"");

    /// <summary>True when the caller named versions in If-Match and the letter has none of them any more.</summary>
    public static bool IsOutdated(HttpContext context, Letter letter)
    {
        var wanted = context.Request.GetTypedHeaders().IfMatch;
        return wanted.Count > 0 && !wanted.Any(tag => tag.Compare(Of(letter), useStrongComparison: true) || tag.Equals(EntityTagHeaderValue.Any));
    }
}
