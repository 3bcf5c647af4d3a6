using System.ComponentModel.DataAnnotations;
using Tarasol.Correspondence.Letters;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Circuits;

/// <summary>A comparison of one field of the letter: data, never code.</summary>
/// <param name="Field">Which.</param>
/// <param name="Is">How.</param>
/// <param name="Values">As the API spells them.</param>
public sealed record Condition(LetterField Field, Comparison Is, [MinLength(1), MaxLength(20)] IReadOnlyList<string> Values)
{
    /// <summary>Every value that a field with few values can have, lowest first; null: without end.</summary>
    public static IReadOnlyList<string>? ValuesOf(LetterField field) => field switch
    {
        LetterField.Direction => Names<Direction>(),
        LetterField.Language => Names<Language>(),
        LetterField.Urgency => Names<Urgency>(),
        LetterField.Confidentiality => Names<Confidentiality>(),
        _ => null,
    };

    /// <summary>True when the comparison is one that the field takes, with values that it can have.</summary>
    public bool IsSound => (Is is Comparison.OneOf or Comparison.NoneOf || Field is LetterField.Urgency or LetterField.Confidentiality && Values.Count == 1) && Values.All(IsValue);

    /// <summary>True when it holds for the letter.</summary>
    public bool Holds(LetterFacts letter)
    {
        var value = letter.Value(Field);
        return Is switch
        {
            Comparison.OneOf => Values.Contains(value, StringComparer.OrdinalIgnoreCase),
            Comparison.NoneOf => !Values.Contains(value, StringComparer.OrdinalIgnoreCase),
            Comparison.AtLeast => Rank(value) >= Rank(Values[0]),
            _ => Rank(value) <= Rank(Values[0]),
        };
    }

    private bool IsValue(string value) => ValuesOf(Field) is { } all ? all.Contains(value) : Field == LetterField.LetterType ? value.Length > 0 : Guid.TryParse(value, out _);

    private int Rank(string value) => ValuesOf(Field)!.Index().Where(each => each.Item == value).Select(each => each.Index).First();

    private static List<string> Names<TEnum>() where TEnum : struct, Enum => [.. Enum.GetValues<TEnum>().Select(WireEnum.Name)];
}

/// <summary>What of a letter conditions can look at.</summary>
public sealed record LetterFacts(string Direction, string Language, string Urgency, string Confidentiality, string OwnerUnit, string LetterType)
{
    public static LetterFacts Of(Letter letter) => new(
        WireEnum.Name(letter.Direction), WireEnum.Name(letter.Language), WireEnum.Name(letter.Urgency), WireEnum.Name(letter.Confidentiality), letter.OwnerUnitId.ToString(),
        letter.LetterType ?? "");

    public string Value(LetterField field) => field switch
    {
        LetterField.Direction => Direction,
        LetterField.Language => Language,
        LetterField.Urgency => Urgency,
        LetterField.Confidentiality => Confidentiality,
        LetterField.LetterType => LetterType,
        _ => OwnerUnit,
    };
}

/// <summary>The fields that a condition can be about.</summary>
public enum LetterField
{
    Direction,
    Language,
    Urgency,
    Confidentiality,

    /// <summary>Ids of units.</summary>
    OwnerUnit,

    /// <summary>Codes of letter types.</summary>
    LetterType,
}

/// <summary>The comparisons. The last two are for urgency and confidentiality, with one value.</summary>
public enum Comparison
{
    OneOf,
    NoneOf,
    AtLeast,
    AtMost,
}
