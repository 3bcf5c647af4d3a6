using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Requests;

/// <summary>Compares a JSON value with the type that it is to become, and collects every difference.</summary>
internal static class BodyCheck
{
    private static readonly Text Unknown = new("is not known here", "غير معروف هنا");
    private static readonly Text Missing = new("is required", "مطلوب");
    private static readonly Text NotObject = new("must be an object", "يجب أن يكون كائنا");
    private static readonly Text NotList = new("must be a list", "يجب أن يكون قائمة");
    private static readonly Text NotText = new("must be text", "يجب أن يكون نصا");
    private static readonly Text NotNumber = new("must be a whole number", "يجب أن يكون عددا صحيحا");
    private static readonly Text NotDate = new("must be a date such as 2026-01-31", "يجب أن يكون تاريخا مثل 2026-01-31");
    private static readonly Text NotUuid = new("must be a UUID", "يجب أن يكون UUID");
    private static readonly Text NotOneOf = new("must be one of: {0}", "يجب أن يكون واحدا من: {0}");
    private static readonly Text NotReadable = new("cannot be read", "لا يمكن قراءته");
    private static readonly Text TooLong = new("must have at most {0} characters", "يجب ألا يتجاوز {0} حرفا");
    private static readonly Text TooShort = new("must have at least {0} characters", "يجب ألا يقل عن {0} أحرف");
    private static readonly Text TooMany = new("must have at most {0} items", "يجب ألا يتجاوز {0} عناصر");
    private static readonly Text TooFew = new("must have at least {0} items", "يجب ألا يقل عن {0} عناصر");
    private static readonly Text OutOfRange = new("must be from {0} to {1}", "يجب أن يكون من {0} إلى {1}");
    private static readonly Text WrongForm = new("does not have the right form ({0})", "صيغته غير صحيحة ({0})");

    public static void Check(JsonElement value, JsonTypeInfo type, string path, Errors errors)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when value.ValueKind == JsonValueKind.Object:
                CheckObject(value, type, path, errors);
                break;
            case JsonTypeInfoKind.Object:
                errors.Add(path.Length == 0 ? "$" : path, NotObject);
                break;
            case JsonTypeInfoKind.Enumerable when value.ValueKind == JsonValueKind.Array:
                var element = type.Options.GetTypeInfo(type.ElementType!);
                foreach (var (index, item) in value.EnumerateArray().Index())
                    Check(item, element, $"{path}[{index.ToString(CultureInfo.InvariantCulture)}]", errors);
                break;
            case JsonTypeInfoKind.Enumerable:
                errors.Add(path, NotList);
                break;
            default:
                CheckLeaf(value, type, path, errors);
                break;
        }
    }

    private static void CheckObject(JsonElement value, JsonTypeInfo type, string path, Errors errors)
    {
        var given = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var member in value.EnumerateObject())
        {
            var name = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            var property = type.Properties.FirstOrDefault(known => string.Equals(known.Name, member.Name, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                errors.Add(name, Unknown);
                continue;
            }
            given.Add(property.Name);
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                if (!property.IsSetNullable || property.IsRequired && Has<RequiredAttribute>(property))
                    errors.Add(name, Missing);
                continue;
            }
            Check(member.Value, type.Options.GetTypeInfo(property.PropertyType), name, errors);
            if (IsReadable(member.Value))
                CheckLimits(member.Value, property, name, errors);
        }
        foreach (var property in type.Properties.Where(known => (known.IsRequired || Has<RequiredAttribute>(known)) && !given.Contains(known.Name)))
            errors.Add(path.Length == 0 ? property.Name : $"{path}.{property.Name}", Missing);
    }

    private static void CheckLeaf(JsonElement value, JsonTypeInfo type, string path, Errors errors)
    {
        if (value.ValueKind == JsonValueKind.Null && Nullable.GetUnderlyingType(type.Type) is not null)
            return;
        try
        {
            if (NulCharacter.IsIn(value))
            {
                errors.Add(path, NulCharacter.NotAllowed);
                return;
            }
            if (value.ValueKind != JsonValueKind.Null && value.Deserialize(type) is { } read && (read is not Enum || IsSpelled(value, type)))
                return;
        }
        catch (Exception unreadable) when (unreadable is JsonException or FormatException or InvalidOperationException)
        {
            // Told below, by the type that was expected.
        }
        errors.Add(path, Expected(Nullable.GetUnderlyingType(type.Type) ?? type.Type, type.Options));
    }

    // The converter also takes the C# names, in any case; the API has one spelling.
    private static bool IsSpelled(JsonElement value, JsonTypeInfo type) =>
        Spellings(Nullable.GetUnderlyingType(type.Type) ?? type.Type, type.Options).Contains(value.GetString());

    private static IEnumerable<string> Spellings(Type type, JsonSerializerOptions options) =>
        Enum.GetValues(type).Cast<object>().Select(each => JsonSerializer.Serialize(each, type, options).Trim('"'));

    // Half of a surrogate pair is well-formed JSON, but no text.
    private static bool IsReadable(JsonElement value)
    {
        try
        {
            return value.ValueKind != JsonValueKind.String || value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Expected(Type type, JsonSerializerOptions options) => type switch
    {
        _ when type == typeof(string) => NotText.ToString(),
        _ when type == typeof(int) || type == typeof(long) => NotNumber.ToString(),
        _ when type == typeof(DateOnly) => NotDate.ToString(),
        _ when type == typeof(Guid) => NotUuid.ToString(),
        { IsEnum: true } => NotOneOf.With(string.Join(", ", Spellings(type, options))),
        _ => NotReadable.ToString(),
    };

    private static void CheckLimits(JsonElement value, JsonPropertyInfo property, string name, Errors errors)
    {
        foreach (var limit in Attributes(property).OfType<ValidationAttribute>())
        {
            var message = (limit, value.ValueKind) switch
            {
                (RequiredAttribute { AllowEmptyStrings: false }, JsonValueKind.String) when string.IsNullOrWhiteSpace(value.GetString()) => Missing.ToString(),
                (MaxLengthAttribute max, JsonValueKind.String) when value.GetString()!.Length > max.Length => TooLong.With(max.Length),
                (MaxLengthAttribute max, JsonValueKind.Array) when value.GetArrayLength() > max.Length => TooMany.With(max.Length),
                (MinLengthAttribute min, JsonValueKind.String) when value.GetString()!.Length < min.Length => TooShort.With(min.Length),
                (MinLengthAttribute min, JsonValueKind.Array) when value.GetArrayLength() < min.Length => TooFew.With(min.Length),
                (RangeAttribute range, JsonValueKind.Number) when IsOutside(range, value) => OutOfRange.With(range.Minimum, range.Maximum),
                (RegularExpressionAttribute form, JsonValueKind.String) when !form.IsValid(value.GetString()) => WrongForm.With(form.Pattern),
                _ => null,
            };
            if (message is not null)
                errors.Add(name, message);
        }
    }

    // The attribute's own check converts to the limits' type and overflows.
    private static bool IsOutside(RangeAttribute range, JsonElement value) =>
        !value.TryGetDouble(out var number) || number < Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture) || number > Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);

    private static bool Has<TAttribute>(JsonPropertyInfo property) => Attributes(property).OfType<TAttribute>().Any();

    // Attributes on a record's constructor parameter belong to the parameter, not to the property.
    private static IEnumerable<object> Attributes(JsonPropertyInfo property) =>
        (property.AttributeProvider?.GetCustomAttributes(inherit: true) ?? []).Concat(property.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(inherit: true) ?? []);
}
