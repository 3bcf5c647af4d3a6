using System.ComponentModel.DataAnnotations;
using Tarasol.Administration.Settings;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Administration.LetterTypes;

/// <summary>What letters of a type look like.</summary>
/// <param name="Directions">For which letters it can be chosen; none: for all.</param>
/// <param name="Fields">Beside those that every letter has, in the order in which they are shown.</param>
/// <param name="Acknowledgement">What the sender of an incoming letter is told; null: nothing.</param>
/// <param name="Closed">No new letters of it.</param>
public sealed record LetterTypeForm(
    [Required, MaxLength(200)] string NameAr,
    [Required, MaxLength(200)] string NameEn,
    [MaxLength(50)] IReadOnlyList<LetterTypeForm.Field> Fields,
    [MaxLength(3)] IReadOnlyList<LetterDirection>? Directions = null,
    LetterTypeForm.Texts? Acknowledgement = null,
    bool Closed = false) : ISettingContent<LetterTypeForm>
{
    private static readonly Text Twice = new("is given twice", "ورد مرتين");
    private static readonly Text NoChoices = new("a list needs at least one choice", "القائمة تحتاج خيارا واحدا على الأقل");

    public static SettingKind Kind => SettingKind.LetterType;

    /// <param name="Code">Names the value in letters.</param>
    /// <param name="Mandatory">A letter cannot be registered without it.</param>
    /// <param name="Choices">Of a list; nothing for other kinds.</param>
    public sealed record Field(
        [Required, MaxLength(40), RegularExpression("^[a-zA-Z][a-zA-Z0-9-]*$")] string Code,
        [Required, MaxLength(200)] string NameAr,
        [Required, MaxLength(200)] string NameEn,
        FieldKind Kind,
        bool Mandatory = false,
        [MaxLength(200)] IReadOnlyList<Choice>? Choices = null);

    /// <param name="Code">What letters hold.</param>
    public sealed record Choice([Required, MaxLength(40), RegularExpression("^[a-zA-Z0-9][a-zA-Z0-9-]*$")] string Code, [Required, MaxLength(200)] string NameAr, [Required, MaxLength(200)] string NameEn);

    /// <summary>May hold <c>{number}</c>, <c>{date}</c>, <c>{subject}</c> and <c>{reference}</c>, the sender's own.</summary>
    public sealed record Texts([Required, MaxLength(2000)] string Ar, [Required, MaxLength(2000)] string En);

    public void Check(Errors errors, string prefix)
    {
        var codes = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (index, field) in Fields.Index())
        {
            if (!codes.Add(field.Code))
                errors.Add($"{prefix}fields[{index}].code", Twice);
            if (field.Kind == FieldKind.List && field.Choices is not { Count: > 0 })
                errors.Add($"{prefix}fields[{index}].choices", NoChoices);
            var choices = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (at, choice) in (field.Choices ?? []).Index())
            {
                if (!choices.Add(choice.Code))
                    errors.Add($"{prefix}fields[{index}].choices[{at}].code", Twice);
            }
        }
    }

    public void Announce(IOutbox outbox, Setting setting, DateTimeOffset at) => outbox.Add(new LetterTypePublished(
        setting.Id, setting.Key, setting.Published, NameAr, NameEn, Closed, [.. (Directions ?? []).Select(WireEnum.Name)],
        [.. Fields.Select(field => new LetterTypeField(field.Code, field.NameAr, field.NameEn, WireEnum.Name(field.Kind), field.Mandatory,
            [.. (field.Kind == FieldKind.List ? field.Choices ?? [] : []).Select(choice => new LetterTypeChoice(choice.Code, choice.NameAr, choice.NameEn))]))],
        Acknowledgement?.Ar, Acknowledgement?.En, at));
}

public enum FieldKind
{
    List,
    Text,
    Number,
    Date,
    Party,
    Boolean,
}

public enum LetterDirection
{
    Incoming,
    Outgoing,
    Internal,
}
