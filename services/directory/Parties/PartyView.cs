using System.ComponentModel.DataAnnotations;
using Microsoft.Net.Http.Headers;
using Tarasol.Directories.Names;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Directories.Parties;

/// <summary>A party as it is written.</summary>
/// <param name="Identifiers">Numbers of registers.</param>
public sealed record PartyBody(
    PartyKind Kind,
    [MaxLength(300)] string? NameAr = null,
    [MaxLength(300)] string? NameEn = null,
    [MaxLength(254), RegularExpression("^[^@\\s]+@[^@\\s]+$")] string? Email = null,
    [MaxLength(40)] string? Phone = null,
    [MaxLength(30)] IReadOnlyList<string>? Aliases = null,
    [MaxLength(20)] IReadOnlyList<PartyIdentifier>? Identifiers = null,
    [MaxLength(10)] IReadOnlyList<string>? Addresses = null) : IValidated
{
    private const int LongestAlias = 300;
    private const int LongestAddress = 500;
    private static readonly Text NoName = new("is required unless the other name is given", "مطلوب ما لم يُذكر الاسم الآخر");
    private static readonly Text NoWord = new("has no letter or digit", "لا يحتوي حرفا ولا رقما");
    private static readonly Text BadText = new("must have 1 to {0} characters", "يجب أن يكون من 1 إلى {0} حرفا");

    public void Validate(Errors errors)
    {
        if (string.IsNullOrWhiteSpace(NameAr) && string.IsNullOrWhiteSpace(NameEn))
            errors.Add("nameAr", NoName);
        foreach (var (field, name) in new[] { ("nameAr", NameAr), ("nameEn", NameEn) })
        {
            if (!string.IsNullOrWhiteSpace(name) && NameKey.Fold(name).Length == 0)
                errors.Add(field, NoWord);
        }
        Texts("aliases", Aliases, LongestAlias, errors);
        Texts("addresses", Addresses, LongestAddress, errors);
        foreach (var (at, identifier) in (Identifiers ?? []).Index())
        {
            if (PartyRules.IdentifierKey(identifier.Value).Length == 0)
                errors.Add($"identifiers[{at}].value", NoWord);
        }
    }

    /// <summary>Puts what is written into the party; what merges brought stays.</summary>
    internal void ApplyTo(Party party, DateTimeOffset now)
    {
        (party.Kind, party.NameAr, party.NameEn, party.Email, party.Phone) = (Kind, Clean(NameAr), Clean(NameEn), Clean(Email), Clean(Phone));
        party.Details.RemoveAll(detail => detail.MergeId is null);
        foreach (var alias in (Aliases ?? []).Select(each => each.Trim()).Distinct())
            Add(DetailKind.Alias, null, alias, NameKey.Fold(alias));
        foreach (var identifier in (Identifiers ?? []).Distinct())
            Add(DetailKind.Identifier, identifier.Scheme, identifier.Value.Trim(), PartyRules.IdentifierKey(identifier.Value));
        foreach (var address in (Addresses ?? []).Select(each => each.Trim()).Distinct())
            Add(DetailKind.Address, null, address, NameKey.Fold(address));

        void Add(DetailKind kind, string? scheme, string text, string compared) => party.Details.Add(new()
        {
            Id = SortableId.Next(now), PartyId = party.Id, Kind = kind, Scheme = scheme, Text = text, Compared = compared.Length > LongestAddress ? compared[..LongestAddress] : compared,
        });
    }

    private static string? Clean(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static void Texts(string field, IReadOnlyList<string>? texts, int longest, Errors errors)
    {
        foreach (var (at, text) in (texts ?? []).Index())
        {
            if (string.IsNullOrWhiteSpace(text) || text.Length > longest)
                errors.Add($"{field}[{at}]", BadText.With(longest));
        }
    }
}

/// <summary>A number in a register.</summary>
/// <param name="Scheme">Which register: cr, vat, national-id...</param>
public sealed record PartyIdentifier([Required, MaxLength(40), RegularExpression("^[a-z][a-z0-9-]*$")] string Scheme, [Required, MaxLength(100)] string Value);

/// <summary>A party as the API shows it. Aliases, identifiers and addresses are its own and those of the parties that are kept in it.</summary>
/// <param name="MergedInto">The party in which this one is kept; null: it stands for itself.</param>
public sealed record PartyView(
    Guid Id, PartyKind Kind, string? NameAr, string? NameEn, string? Email, string? Phone, IReadOnlyList<string> Aliases, IReadOnlyList<PartyIdentifier> Identifiers, IReadOnlyList<string> Addresses,
    Guid? MergedInto, DateTimeOffset CreatedAt)
{
    public static PartyView Of(Party party) => new(
        party.Id, party.Kind, party.NameAr, party.NameEn, party.Email, party.Phone,
        [.. Texts(party, DetailKind.Alias).Where(alias => alias != party.NameAr && alias != party.NameEn)],
        [.. Sorted(party, DetailKind.Identifier).Select(detail => new PartyIdentifier(detail.Scheme!, detail.Text)).Distinct()],
        [.. Texts(party, DetailKind.Address)], party.MergedInto, party.CreatedAt);

    internal static EntityTagHeaderValue Tag(Party party) => new($"\"{party.Version}\"");

    /// <summary>True when the caller named versions in If-Match and the party has none of them any more.</summary>
    internal static bool IsOutdated(HttpContext context, Party party)
    {
        var wanted = context.Request.GetTypedHeaders().IfMatch;
        return wanted.Count > 0 && !wanted.Any(tag => tag.Compare(Tag(party), useStrongComparison: true) || tag.Equals(EntityTagHeaderValue.Any));
    }

    private static IEnumerable<string> Texts(Party party, DetailKind kind) => Sorted(party, kind).Select(detail => detail.Text).Distinct();

    private static IEnumerable<PartyDetail> Sorted(Party party, DetailKind kind) => party.Details.Where(detail => detail.Kind == kind).OrderBy(detail => detail.Id);
}
