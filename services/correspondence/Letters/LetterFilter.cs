using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Tarasol.Correspondence.Letters.Duplicates;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Letters;

/// <summary>Which letters a list shows: the query of the request. What is left out filters nothing.</summary>
public sealed record LetterFilter(
    [property: FromQuery(Name = "status")] string? Status,
    [property: FromQuery(Name = "direction")] string? Direction,
    [property: FromQuery(Name = "letterType")] string? LetterType,
    [property: FromQuery(Name = "classification")] string? Classification,
    [property: FromQuery(Name = "urgency")] string? Urgency,
    [property: FromQuery(Name = "needsReply")] string? NeedsReply,
    [property: FromQuery(Name = "documentDateFrom")] string? DocumentDateFrom,
    [property: FromQuery(Name = "documentDateTo")] string? DocumentDateTo,
    [property: FromQuery(Name = "registeredFrom")] string? RegisteredFrom,
    [property: FromQuery(Name = "registeredTo")] string? RegisteredTo,
    [property: FromQuery(Name = "text")] string? Text)
{
    private const int LongestText = 200;
    private static readonly Text NotDate = new("must be a date such as 2026-01-31", "يجب أن يكون تاريخا مثل 2026-01-31");
    private static readonly Text NotBoolean = new("must be true or false", "يجب أن يكون true أو false");
    private static readonly Text TooLong = new("must have at most {0} characters", "يجب ألا يتجاوز {0} حرفا");

    /// <summary>Throws 400 with what is wrong in each parameter.</summary>
    public IQueryable<Letter> Of(IQueryable<Letter> letters)
    {
        var errors = new Errors();
        var status = WireEnum.Query<LetterStatus>(Status, "status", errors);
        var direction = WireEnum.Query<Direction>(Direction, "direction", errors);
        var urgency = WireEnum.Query<Urgency>(Urgency, "urgency", errors);
        var (documentFrom, documentTo) = (Date(DocumentDateFrom, "documentDateFrom", errors), Date(DocumentDateTo, "documentDateTo", errors));
        var (registeredFrom, registeredTo) = (Date(RegisteredFrom, "registeredFrom", errors), Date(RegisteredTo, "registeredTo", errors));
        bool? needsReply = NeedsReply switch { null or "" => null, "true" => true, "false" => false, _ => null };
        if (NeedsReply is not (null or "" or "true" or "false"))
            errors.Add("needsReply", NotBoolean);
        if (Text is { Length: > LongestText })
            errors.Add("text", TooLong.With(LongestText));
        errors.ThrowIfAny();

        if (status is not null)
            letters = letters.Where(letter => letter.Status == status);
        if (direction is not null)
            letters = letters.Where(letter => letter.Direction == direction);
        if (urgency is not null)
            letters = letters.Where(letter => letter.Urgency == urgency);
        if (LetterType is { Length: > 0 } type)
            letters = letters.Where(letter => letter.LetterType == type);
        if (Classification is { Length: > 0 } classification)
            letters = letters.Where(letter => letter.Classification == classification);
        if (needsReply is not null)
            letters = letters.Where(letter => letter.NeedsReply == needsReply);
        if (documentFrom is not null)
            letters = letters.Where(letter => letter.DocumentDate >= documentFrom);
        if (documentTo is not null)
            letters = letters.Where(letter => letter.DocumentDate <= documentTo);
        // By id, which begins with the time: the range ends a page's search instead of being looked for row by row.
        if (registeredFrom is { } first)
        {
            var from = IdFloor.At(new(first.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
            letters = letters.Where(letter => letter.Id >= from);
        }
        if (registeredTo is { } last && last < DateOnly.MaxValue)
        {
            var to = IdFloor.At(new(last.AddDays(1).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
            letters = letters.Where(letter => letter.Id < to);
        }
        if (Text is { Length: > 0 } && TextKey.Of(Text) is { Length: > 0 } text)
            letters = letters.Where(letter => (letter.SubjectText ?? letter.Subject).Contains(text));
        return letters;
    }

    private static DateOnly? Date(string? text, string field, Errors errors)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return date;
        errors.Add(field, NotDate);
        return null;
    }
}
