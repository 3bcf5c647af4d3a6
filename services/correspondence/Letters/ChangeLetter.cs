using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.LetterTypes;
using Tarasol.Correspondence.Routing;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Letters;

/// <summary>
/// PATCH /api/correspondence/letters/{id}: corrects what the registry wrote down, before the letter is final and while no approver has it. What is not named stays, null takes a value away. With If-Match
/// only if the letter has not changed since. Direction, unit, type and number never change.
/// </summary>
public static class ChangeLetter
{
    public static readonly Problem Final = new("letter-final", 409, new(
        "This letter is {0}, which is final: it is neither changed nor routed any more; register a letter that supersedes it.", "حالة هذا الخطاب نهائية ({0}): لا يعدل ولا يحال بعدها؛ سجل خطابا يحل محله."));

    private const string Body = "body";
    private static readonly Text Missing = new("is required", "مطلوب");

    public static readonly Problem AfterSigning = new("letter-signed", 409, new(
        "This letter is signed; nothing of it changes any more. Register a letter that supersedes it.", "هذا الخطاب موقع ولا يتغير بعد التوقيع؛ سجل خطابا يحل محله."));

    public sealed record Request(
        [MaxLength(Letter.LongestSubject)] string? Subject = null,
        [MaxLength(Letter.LongestSubject)] string? SubjectAr = null,
        [MaxLength(Letter.LongestSubject)] string? SubjectEn = null,
        [MaxLength(100_000)] string? Body = null,
        Language? Language = null,
        Urgency? Urgency = null,
        Confidentiality? Confidentiality = null,
        DateOnly? ConfidentialUntil = null,
        RegisterLetter.Sender? Sender = null,
        [MinLength(1), MaxLength(100)] IReadOnlyList<RecipientName>? Recipients = null,
        [MaxLength(100)] IReadOnlyList<RecipientName>? ForInformation = null,
        [MaxLength(100)] IReadOnlyList<RecipientName>? Copies = null,
        DateOnly? DocumentDate = null,
        [MaxLength(Letter.LongestReference)] string? SenderReference = null,
        DateOnly? ReceivedOn = null,
        ReceivedChannel? ReceivedChannel = null,
        OriginalMedium? OriginalMedium = null,
        [MaxLength(300)] string? PhysicalLocation = null,
        [Range(0, 10_000)] int? PaperAnnexes = null,
        [MaxLength(40)] string? Classification = null,
        bool? NeedsReply = null,
        IReadOnlyDictionary<string, JsonElement>? Fields = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (Subject is not null && string.IsNullOrWhiteSpace(Subject))
                errors.Add("subject", Missing);
            LetterRules.CheckNames("recipients", Recipients, errors);
            LetterRules.CheckNames("forInformation", ForInformation, errors);
            LetterRules.CheckNames("copies", Copies, errors);
        }
    }

    public static async Task<Results<Ok<LetterView>, ProblemHttpResult>> HandleAsync(
        Guid id, Patch<Request> body, HttpContext context, ClaimsPrincipal user, VisibleLetters visible, PublishedSettings settings, CorrespondenceDbContext db, IOutbox outbox, TimeProvider time,
        CancellationToken cancel)
    {
        var request = body.Value;
        if (await (await visible.ForAsync(user, Permissions.RegisterLetter, cancel)).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } letter)
            return CommonProblems.NotFound.Result();
        if (Refusal(letter.Status) is { } refusal)
            return refusal;
        if (letter.SignedAt is not null)
            return AfterSigning.Result();
        if (LetterTag.IsOutdated(context, letter))
            return CommonProblems.Changed.Result();
        if (request.Confidentiality is { } level && (int)level > user.Clearance())
            return RegisterLetter.AboveClearance.Result();

        var now = time.GetUtcNow();
        var type = letter is { LetterTypeId: { } typeId, LetterTypeVersion: { } version } ? await settings.TypeAsync(typeId, version, cancel) : null;
        var fields = await CheckAsync(body, letter, type, settings, now, cancel);
        if (Apply(body, letter, fields) is { Count: > 0 } changes)
        {
            letter.SetKeys();
            var entry = letter.Record(TimelineKind.Changed, user.UserName(), now);
            entry.Changes = JsonSerializer.Serialize(changes, EventJson.Options);
            db.Add(entry);
            outbox.Add(new LetterChanged(id, [.. changes.Select(change => change.Field == Body ? new ChangedField(Body, null, null) : new(change.Field, change.Before.GetRawText(), change.After.GetRawText()))], user.UserName(), now));
            try
            {
                await db.SaveChangesAsync(cancel);
            }
            catch (DbUpdateConcurrencyException)
            {
                return CommonProblems.Changed.Result();
            }
        }
        context.Response.Headers.ETag = LetterTag.Of(letter).ToString();
        return TypedResults.Ok(LetterView.Of(letter, type));
    }

    /// <summary>Null: a letter of this status can be changed.</summary>
    public static ProblemHttpResult? Refusal(LetterStatus status) => status switch
    {
        LetterStatus.Registered or LetterStatus.Returned => null,
        LetterStatus.InRouting => RouteLetter.UnderWay.Result(),
        _ => Final.Result(WireEnum.Name(status)),
    };

    // Returns the type's own fields as they are to be kept.
    private static async Task<string?> CheckAsync(
        Patch<Request> body, Letter letter, Tarasol.Contracts.Admin.LetterTypePublished? type, PublishedSettings settings, DateTimeOffset now, CancellationToken cancel)
    {
        var (request, errors, fields) = (body.Value, new Errors(), letter.Fields);
        foreach (var (field, isNull) in new[]
                 {
                     ("subject", request.Subject is null), ("language", request.Language is null), ("urgency", request.Urgency is null), ("confidentiality", request.Confidentiality is null),
                     ("sender", request.Sender is null), ("recipients", request.Recipients is null), ("documentDate", request.DocumentDate is null), ("needsReply", request.NeedsReply is null),
                 })
        {
            if (isNull && body.Given.Contains(field))
                errors.Add(field, Missing);
        }
        LetterRules.CheckReceived(request.ReceivedOn, now, errors);
        if (request.Classification != letter.Classification)
            await LetterRules.CheckClassAsync(request.Classification, settings, errors, cancel);
        if (body.Given.Contains("fields"))
        {
            // By the version of the letter, not the newest one.
            if (type is not null)
                fields = FieldValues.Check(type, Merge(letter.Fields, request.Fields), errors);
            else
                await LetterRules.CheckTypeAsync(null, request.Fields, letter.Direction, settings, errors, cancel);
        }
        errors.ThrowIfAny();
        return fields;
    }

    private static Dictionary<string, JsonElement> Merge(string? kept, IReadOnlyDictionary<string, JsonElement>? given)
    {
        var merged = given is null ? [] : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(kept ?? "{}")!;
        foreach (var (code, value) in given ?? new Dictionary<string, JsonElement>())
            merged[code] = value;
        return merged;
    }

    private static List<FieldChange> Apply(Patch<Request> body, Letter letter, string? fields)
    {
        var request = body.Value;
        var changes = new List<FieldChange>();
        Set("subject", letter.Subject, request.Subject!, value => letter.Subject = value);
        Set("subjectAr", letter.SubjectAr, request.SubjectAr, value => letter.SubjectAr = value);
        Set("subjectEn", letter.SubjectEn, request.SubjectEn, value => letter.SubjectEn = value);
        Set(Body, letter.Body, request.Body, value => letter.Body = value);
        Set("language", letter.Language, request.Language.GetValueOrDefault(), value => letter.Language = value);
        Set("urgency", letter.Urgency, request.Urgency.GetValueOrDefault(), value => letter.Urgency = value);
        Set("confidentiality", letter.Confidentiality, request.Confidentiality.GetValueOrDefault(), value => letter.Confidentiality = value);
        Set("confidentialUntil", letter.ConfidentialUntil, request.ConfidentialUntil, value => letter.ConfidentialUntil = value);
        Set("sender", letter.SenderName, request.Sender?.Name!, value => letter.SenderName = value);
        SetNames("recipients", letter.Recipients, request.Recipients, value => letter.Recipients = value!);
        SetNames("forInformation", letter.ForInformation, request.ForInformation, value => letter.ForInformation = value);
        SetNames("copies", letter.Copies, request.Copies, value => letter.Copies = value);
        Set("documentDate", letter.DocumentDate, request.DocumentDate.GetValueOrDefault(), value => letter.DocumentDate = value);
        Set("senderReference", letter.SenderReference, request.SenderReference, value => letter.SenderReference = value);
        Set("receivedOn", letter.ReceivedOn, request.ReceivedOn, value => letter.ReceivedOn = value);
        Set("receivedChannel", letter.ReceivedChannel, request.ReceivedChannel, value => letter.ReceivedChannel = value);
        Set("originalMedium", letter.OriginalMedium, request.OriginalMedium, value => letter.OriginalMedium = value);
        Set("physicalLocation", letter.PhysicalLocation, request.PhysicalLocation, value => letter.PhysicalLocation = value);
        Set("paperAnnexes", letter.PaperAnnexes, request.PaperAnnexes, value => letter.PaperAnnexes = value);
        Set("classification", letter.Classification, request.Classification, value => letter.Classification = value);
        Set("needsReply", letter.NeedsReply, request.NeedsReply.GetValueOrDefault(), value => letter.NeedsReply = value);
        if (body.Given.Contains("fields") && fields != letter.Fields)
        {
            changes.Add(new("fields", Parsed(letter.Fields), Parsed(fields)));
            letter.Fields = fields;
        }
        return changes;

        void Set<T>(string field, T before, T after, Action<T> set)
        {
            if (!body.Given.Contains(field) || EqualityComparer<T>.Default.Equals(before, after))
                return;
            changes.Add(new(field, JsonSerializer.SerializeToElement(before, EventJson.Options), JsonSerializer.SerializeToElement(after, EventJson.Options)));
            set(after);
        }

        void SetNames(string field, IReadOnlyList<string>? before, IReadOnlyList<RecipientName>? given, Action<IReadOnlyList<string>?> set)
        {
            var after = given?.Select(recipient => recipient.Name).ToList();
            if (!body.Given.Contains(field) || (before ?? []).SequenceEqual(after ?? []))
                return;
            changes.Add(new(field, JsonSerializer.SerializeToElement(before ?? [], EventJson.Options), JsonSerializer.SerializeToElement(after ?? [], EventJson.Options)));
            set(after);
        }
    }

    private static JsonElement Parsed(string? fields) => JsonSerializer.Deserialize<JsonElement>(fields ?? "{}");
}
