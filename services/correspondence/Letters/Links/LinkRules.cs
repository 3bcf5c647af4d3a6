using System.ComponentModel.DataAnnotations;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Letters.Links;

/// <summary>What a link needs.</summary>
public static class LinkRules
{
    private static readonly Text NoSuchLetter = new("is not a letter here", "ليس خطابا هنا");
    private static readonly Text NotFinal = new("is not signed yet; change it instead", "لم يوقع بعد؛ عدّله بدلا من ذلك");
    private static readonly Text Itself = new("is the letter itself", "هو الخطاب نفسه");
    private static readonly Text Twice = new("is given twice", "ورد مرتين");

    /// <param name="LetterId">The letter at the other end.</param>
    public sealed record Request(LinkKind Kind, Guid LetterId);

    /// <summary>Adds what is wrong with the links of a letter, and returns the letters at their other ends. One that the caller may not see is one that does not exist.</summary>
    public static async Task<IReadOnlyList<Letter>> CheckAsync(
        IReadOnlyList<Request> links, Guid? self, IQueryable<Letter> visible, Func<int, string> path, Errors errors, CancellationToken cancel)
    {
        var others = new List<Letter>();
        foreach (var (index, link) in links.Index())
        {
            if (link.LetterId == self)
                errors.Add($"{path(index)}letterId", Itself);
            else if (links.Take(index).Contains(link))
                errors.Add($"{path(index)}letterId", Twice);
            else if (await visible.FirstOrDefaultAsync(row => row.Id == link.LetterId, cancel) is not { } other)
                errors.Add($"{path(index)}letterId", NoSuchLetter);
            else if (link.Kind == LinkKind.Supersedes && other.Status != LetterStatus.Approved)
                errors.Add($"{path(index)}letterId", NotFinal);
            else
                others.Add(other);
        }
        return others;
    }

    public static LetterLink Make(Guid letterId, Request link, string by, DateTimeOffset now) =>
        new() { Id = SortableId.Next(now), LetterId = letterId, Kind = link.Kind, OtherId = link.LetterId, CreatedBy = by, CreatedAt = now };
}
