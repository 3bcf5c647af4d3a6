using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tarasol.Contracts.Admin;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.LetterTypes;

/// <summary>The values of a letter type's own fields: <c>{ code: value }</c>.</summary>
public static class FieldValues
{
    public const int LongestText = 4000;
    private const int LongestParty = 300;
    private static readonly Text Unknown = new("is not a field of this letter type", "ليس حقلا في هذا النوع من الخطابات");
    private static readonly Text Missing = new("{0} is required", "{0} مطلوب");
    private static readonly Text NotText = new("{0} must be text of at most {1} characters", "{0} يجب أن يكون نصا لا يتجاوز {1} حرفا");
    private static readonly Text NotNumber = new("{0} must be a number", "{0} يجب أن يكون رقما");
    private static readonly Text NotDate = new("{0} must be a date such as 2026-01-31", "{0} يجب أن يكون تاريخا مثل 2026-01-31");
    private static readonly Text NotChoice = new("{0} must be one of: {1}", "{0} يجب أن يكون واحدا من: {1}");
    private static readonly Text NotParty = new("{0} must be a name of at most {1} characters, or an object with name and, if it is known, partyId", "{0} يجب أن يكون اسما لا يتجاوز {1} حرفا، أو كائنا فيه name وكذلك partyId إن عُرف");
    private static readonly Text NotBoolean = new("{0} must be true or false", "{0} يجب أن يكون true أو false");

    /// <summary>Adds an error for each field that is wrong, and returns what is to be kept, in the order of the form.</summary>
    public static string Check(LetterTypePublished type, IReadOnlyDictionary<string, JsonElement> values, Errors errors)
    {
        var kept = new JsonObject();
        foreach (var field in type.Fields)
        {
            var path = $"fields.{field.Code}";
            if (!values.TryGetValue(field.Code, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                if (field.Mandatory)
                    errors.Add(path, Missing.With(Name(field)));
                continue;
            }
            if (Wrong(field, value) is { } message)
                errors.Add(path, message);
            else
                kept[field.Code] = JsonNode.Parse(value.GetRawText());
        }
        foreach (var code in values.Keys.Where(code => type.Fields.All(field => field.Code != code)))
            errors.Add($"fields.{code}", Unknown);
        return kept.ToJsonString(Messaging.EventJson.Options);
    }

    // Null: it is right.
    private static string? Wrong(LetterTypeField field, JsonElement value) => field.Kind switch
    {
        "text" => IsText(value, LongestText, field.Mandatory) ? null : NotText.With(Name(field), LongestText),
        "number" => value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out _) ? null : NotNumber.With(Name(field)),
        "date" => IsDate(value) ? null : NotDate.With(Name(field)),
        "list" => value.ValueKind == JsonValueKind.String && field.Choices.Any(choice => choice.Code == value.GetString())
            ? null
            : NotChoice.With(Name(field), string.Join(", ", field.Choices.Select(choice => choice.Code))),
        "party" => IsParty(value) ? null : NotParty.With(Name(field), LongestParty),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : NotBoolean.With(Name(field)),
        // A kind of a later release: what it means is not known here, that it is no structure of any size is.
        _ => IsText(value, LongestText, field.Mandatory) ? null : NotText.With(Name(field), LongestText),
    };

    private static bool IsText(JsonElement value, int longest, bool mandatory) =>
        value.ValueKind == JsonValueKind.String && Read(value) is { } text && text.Length <= longest && (!mandatory || !string.IsNullOrWhiteSpace(text));

    private static bool IsDate(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && DateOnly.TryParseExact(Read(value), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsParty(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return IsText(value, LongestParty, mandatory: true);
        var members = value.EnumerateObject().ToList();
        return members.Exists(member => member.Name == "name" && IsText(member.Value, LongestParty, mandatory: true))
            && members.TrueForAll(member => member.Name == "name" || member.Name == "partyId" && (member.Value.ValueKind == JsonValueKind.Null || member.Value.ValueKind == JsonValueKind.String && member.Value.TryGetGuid(out _)))
            && members.Select(member => member.Name).Distinct().Count() == members.Count;
    }

    // Half of a surrogate pair is well-formed JSON, but no text.
    private static string? Read(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Name(LetterTypeField field) => new Text(field.NameEn, field.NameAr).ToString();
}
