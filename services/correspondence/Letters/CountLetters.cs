using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Letters;

/// <summary>GET /api/correspondence/letters/counts with the query of <see cref="LetterFilter"/>: how many letters the list would show, and of which kinds.</summary>
public static class CountLetters
{
    /// <param name="Status">Only those that occur.</param>
    public sealed record Response(int Total, IReadOnlyDictionary<string, int> Status, IReadOnlyDictionary<string, int> Direction, IReadOnlyDictionary<string, int> Urgency);

    public static async Task<Ok<Response>> HandleAsync([AsParameters] LetterFilter filter, ClaimsPrincipal user, VisibleLetters visible, CancellationToken cancel)
    {
        var groups = await GroupsOf(filter.Of(await visible.ForAsync(user, Permissions.ReadLetters, cancel))).ToListAsync(cancel);
        return TypedResults.Ok(new Response(
            groups.Sum(group => group.Count),
            By(groups.GroupBy(group => WireEnum.Name(group.Status), group => group.Count)),
            By(groups.GroupBy(group => WireEnum.Name(group.Direction), group => group.Count)),
            By(groups.GroupBy(group => WireEnum.Name(group.Urgency), group => group.Count))));
    }

    /// <summary>Letters that are alike in all of these.</summary>
    public sealed record Group(LetterStatus Status, Direction Direction, Urgency Urgency, int Count);

    /// <summary>In the order of an index that has everything which is needed.</summary>
    public static IQueryable<Group> GroupsOf(IQueryable<Letter> letters) => letters
        .GroupBy(letter => new { letter.Status, letter.Direction, letter.Urgency })
        .Select(group => new Group(group.Key.Status, group.Key.Direction, group.Key.Urgency, group.Count()));

    private static SortedDictionary<string, int> By(IEnumerable<IGrouping<string, int>> groups) => new(groups.ToDictionary(group => group.Key, group => group.Sum()), StringComparer.Ordinal);
}
