using System.Text.Json;
using FsCheck.Xunit;
using Tarasol.Directories.Names;
using Tarasol.Directories.Parties;

namespace Tarasol.Tests.Unit.Directories;

public class PartyRulesTests
{
    [Fact]
    public void The_same_register_number_is_the_same_party_whatever_its_name()
    {
        var match = PartyRules.Compare(Make("وزارة المالية", ("cr", "10-20")), Make("Acme", ("cr", "1020")));
        Assert.Equal((1, PartyRules.MatchReason.Identifier), (match.Score, Assert.Single(match.Because)));
    }

    [Fact]
    public void Another_number_of_the_same_register_is_another_party_whatever_its_name() =>
        Assert.True(PartyRules.Compare(Make("شركة النور", ("cr", "1")), Make("شركة النور", ("cr", "2"))).Score < PartyRules.Likely);

    [Fact]
    public void Numbers_of_different_registers_say_nothing() =>
        Assert.Equal(1, PartyRules.Compare(Make("شركة النور", ("cr", "1")), Make("شركه النور", ("vat", "2"))).Score);

    [Fact]
    public void An_alias_is_a_name_too()
    {
        var ministry = Make("Ministry of Public Works");
        ministry.Details.Add(new() { Id = Guid.CreateVersion7(), PartyId = ministry.Id, Kind = DetailKind.Alias, Text = "MoPW Riyadh", Compared = NameKey.Fold("MoPW Riyadh") });
        Assert.Equal([PartyRules.MatchReason.Name], PartyRules.Compare(ministry, Make("mopw riyadh")).Because);
    }

    // Any merges, undone in the order that the service allows, leave every party as it was; until then nothing that was known is lost.
    [Property(MaxTest = 200)]
    public void Undoing_merges_gives_back_what_was(int seed)
    {
        var random = new Random(seed);
        var parties = Enumerable.Range(0, 6).Select(number => Make($"Party {number} {(char)('a' + random.Next(3))}", ($"s{random.Next(2)}", $"{random.Next(4)}"))).ToList();
        var before = parties.Select(Text).ToList();
        var names = parties.SelectMany(party => party.Names()).ToHashSet();
        var done = new List<(Guid Id, Party Kept, Party Merged)>();
        for (var step = 0; step < 20; step++)
        {
            if (random.Next(3) > 0 && parties.Where(party => party.MergedInto is null).ToList() is { Count: > 1 } alone)
            {
                var kept = alone[random.Next(alone.Count)];
                var merged = alone.Where(party => party != kept).ElementAt(random.Next(alone.Count - 1));
                var merge = Guid.CreateVersion7();
                kept.Details.AddRange(PartyRules.Merge(kept, merged, merge, Guid.CreateVersion7).ToList());
                done.Add((merge, kept, merged));
            }
            else
                UndoOne();
            Assert.Subset(parties.Where(party => party.MergedInto is null).SelectMany(party => party.Names()).ToHashSet(), names);
        }
        while (done.Count > 0)
            UndoOne();
        Assert.Equal(before, parties.Select(Text));

        void UndoOne()
        {
            var allowed = done.Where(each => each.Kept.MergedInto is null).ToList();
            if (allowed.Count == 0)
                return;
            var chosen = allowed[random.Next(allowed.Count)];
            foreach (var detail in PartyRules.Undo(chosen.Kept, chosen.Merged, chosen.Id))
                chosen.Kept.Details.Remove(detail);
            done.Remove(chosen);
        }
    }

    private static string Text(Party party) => JsonSerializer.Serialize(PartyView.Of(party));

    private static Party Make(string name, params (string Scheme, string Value)[] identifiers)
    {
        var party = new Party { Id = Guid.CreateVersion7(), NameEn = name };
        party.Details.AddRange(identifiers.Select(each => new PartyDetail
        {
            Id = Guid.CreateVersion7(), PartyId = party.Id, Kind = DetailKind.Identifier, Scheme = each.Scheme, Text = each.Value, Compared = PartyRules.IdentifierKey(each.Value),
        }));
        return party;
    }
}
