using Microsoft.EntityFrameworkCore;
using Tarasol.Directories.Data;
using Tarasol.Directories.Names;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Directories.Parties;

/// <summary>Finds parties by the words of their names and by what identifies them.</summary>
public sealed class PartyIndex(DirectoryDbContext db)
{
    private const int MostCompared = 200;
    private const int MostTold = 10;

    /// <summary>A party that could be the same.</summary>
    public sealed record Duplicate(Guid Id, string? NameAr, string? NameEn, double Score, IReadOnlyList<PartyRules.MatchReason> Because);

    /// <summary>Keeps the words in step with the party's names. The caller saves.</summary>
    public async Task IndexAsync(Party party, CancellationToken cancel)
    {
        var wanted = party.SearchWords();
        var known = await db.PartyWords.Where(word => word.PartyId == party.Id).ToListAsync(cancel);
        db.RemoveRange(known.Where(word => !wanted.Contains(word.Word)));
        db.AddRange(wanted.Except(known.Select(word => word.Word)).Select(word => new PartyWord { Word = word, PartyId = party.Id }));
    }

    /// <summary>Saves a change. Throws 412 when one of the parties was changed by somebody else meanwhile, which can also be seen in a word that is there already.</summary>
    public async Task SaveAsync(IReadOnlyList<Party> changed, CancellationToken cancel)
    {
        var ids = changed.Select(party => party.Id).ToList();
        var before = changed.ToDictionary(party => party.Id, party => db.Entry(party).Property(row => row.Version).OriginalValue);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (db.Parties.AsNoTracking().Where(party => ids.Contains(party.Id)).Select(party => new { party.Id, party.Version }).AsEnumerable().Any(now => now.Version != before[now.Id]))
        {
            throw CommonProblems.Changed.Exception();
        }
    }

    /// <summary>Those of whose names every word that is asked for is the beginning of some word.</summary>
    public IQueryable<Party> Search(IQueryable<Party> parties, string text)
    {
        foreach (var word in NameKey.Words(text).Select(PartyWord.Of))
        {
            // A word has letters and digits only, nothing that LIKE would take for a wildcard.
            var beginning = $"{word}%";
            parties = parties.Where(party => db.PartyWords.Any(each => each.PartyId == party.Id && EF.Functions.Like(each.Word, beginning)));
        }
        return parties;
    }

    /// <summary>Parties that stand for themselves and are likely the same as this one, the likeliest first.</summary>
    public async Task<IReadOnlyList<Duplicate>> DuplicatesAsync(Party party, CancellationToken cancel)
    {
        var words = party.Names().SelectMany(NameKey.TellingWords).Select(PartyWord.Of).Distinct().ToList();
        var numbers = party.Details.Where(detail => detail.Kind == DetailKind.Identifier).Select(detail => detail.Compared).ToList();
        var alike = await db.PartyWords.Where(word => words.Contains(word.Word) && word.PartyId != party.Id)
            .GroupBy(word => word.PartyId).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).Take(MostCompared).Select(group => group.Key).ToListAsync(cancel);
        var email = party.Email;
        var candidates = await db.Parties.AsNoTracking().Include(other => other.Details)
            .Where(other => other.Id != party.Id && other.MergedInto == null)
            .Where(other => alike.Contains(other.Id) || email != null && other.Email == email
                || other.Details.Any(detail => detail.Kind == DetailKind.Identifier && numbers.Contains(detail.Compared)))
            .OrderBy(other => other.Id).Take(2 * MostCompared).ToListAsync(cancel);
        return
        [
            .. candidates.Select(other => (Other: other, Match: PartyRules.Compare(party, other))).Where(each => each.Match.Score >= PartyRules.Likely)
                .OrderByDescending(each => each.Match.Score).ThenBy(each => each.Other.Id).Take(MostTold)
                .Select(each => new Duplicate(each.Other.Id, each.Other.NameAr, each.Other.NameEn, each.Match.Score, each.Match.Because)),
        ];
    }
}
