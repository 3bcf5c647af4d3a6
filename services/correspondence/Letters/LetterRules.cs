using System.Text.Json;
using Tarasol.Contracts.Admin;
using Tarasol.Correspondence.LetterTypes;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Letters;

/// <summary>What holds for a letter's fields when it is registered and when it is changed.</summary>
public static class LetterRules
{
    private static readonly Text BadName = new("must have 1 to {0} characters", "يجب أن يكون من 1 إلى {0} حرفا");
    private static readonly Text InFuture = new("must not be in the future", "يجب ألا يكون في المستقبل");
    private static readonly Text NoSuchClass = new("is not an open class of the classification system", "ليس تصنيفا مفتوحا في نظام التصنيف");
    private static readonly Text NoSuchType = new("is not a letter type of this organisation", "ليس نوعا من أنواع الخطابات في هذه الجهة");
    private static readonly Text TypeClosed = new("is closed: there are no new letters of this type", "نوع مغلق: لا تسجل به خطابات جديدة");
    private static readonly Text OtherDirection = new("is not for {0} letters", "ليس للخطابات {0}");
    private static readonly Text NeedsType = new("need a letterType", "تحتاج إلى letterType");

    /// <summary>Recipients, whatever they are for.</summary>
    public static void CheckNames(string field, IReadOnlyList<RecipientName>? names, Errors errors)
    {
        foreach (var (index, recipient) in (names ?? []).Index())
        {
            if (string.IsNullOrWhiteSpace(recipient.Name) || recipient.Name.Length > Letter.LongestName)
                errors.Add($"{field}[{index}]", BadName.With(Letter.LongestName));
        }
    }

    /// <summary>A day somewhere on earth may be one ahead.</summary>
    public static void CheckReceived(DateOnly? receivedOn, DateTimeOffset now, Errors errors)
    {
        if (receivedOn > DateOnly.FromDateTime(now.UtcDateTime.AddDays(1)))
            errors.Add("receivedOn", InFuture);
    }

    public static async Task CheckClassAsync(string? classification, PublishedSettings settings, Errors errors, CancellationToken cancel)
    {
        if (classification is not null && !await settings.IsOpenClassAsync(classification, cancel))
            errors.Add("classification", NoSuchClass);
    }

    /// <summary>The newest version of the type that a new letter names, and its fields as they are kept. Both null: it names none.</summary>
    public static async Task<(LetterTypePublished? Type, string? Fields)> CheckTypeAsync(
        string? code, IReadOnlyDictionary<string, JsonElement>? fields, Direction direction, PublishedSettings settings, Errors errors, CancellationToken cancel)
    {
        if (code is null)
        {
            if (fields is { Count: > 0 })
                errors.Add("fields", NeedsType);
            return default;
        }
        if (await settings.NewestTypeAsync(code, cancel) is not { } type)
        {
            errors.Add("letterType", NoSuchType);
            return default;
        }
        if (type.Closed)
            errors.Add("letterType", TypeClosed);
        if (type.Directions.Count > 0 && !type.Directions.Contains(WireEnum.Name(direction)))
            errors.Add("letterType", OtherDirection.With(WireEnum.Name(direction)));
        return (type, FieldValues.Check(type, fields ?? new Dictionary<string, JsonElement>(), errors));
    }
}
