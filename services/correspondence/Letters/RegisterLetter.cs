using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters.Duplicates;
using Tarasol.Correspondence.Letters.Links;
using Tarasol.Correspondence.LetterTypes;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Letters;

/// <summary>
/// POST /api/correspondence/letters. An incoming letter is kept first and numbered then, so that a number is never given to a letter that is lost;
/// when numbering is away, <see cref="UnfinishedRegistrations"/> finishes it later.
/// </summary>
public static class RegisterLetter
{
    public static readonly Problem AboveClearance = new("above-clearance", 403, new(
        "The letter is more confidential than you are cleared for.", "سرية الخطاب أعلى من درجة تصريحك."));

    public static readonly Problem NumberLater = new("number-later", 503, new(
        "The letter is kept, but numbering does not answer. It gets its number as soon as numbering is back: send the same request with the same Idempotency-Key to see it, do not register the letter anew.",
        "حُفظ الخطاب لكن خدمة الترقيم لا تستجيب. سيأخذ رقمه حال عودتها: أعد إرسال الطلب نفسه بمفتاح Idempotency-Key نفسه للاطلاع عليه، ولا تسجل الخطاب من جديد."));

    public static readonly Problem NumberRefused = new("number-refused", 409, new(
        "The letter is kept, but there is no number series that is open for it. It gets its number as soon as there is one: do not register it anew.",
        "حُفظ الخطاب لكن لا توجد سلسلة ترقيم مفتوحة له. سيأخذ رقمه حال وجودها: لا تسجله من جديد."));

    private const string Operation = "register-letter";
    private static readonly Text ClosedUnit = new("is closed ({0}); name the unit that goes on with its work", "مغلقة ({0})؛ اذكر الوحدة التي تتولى عملها");
    private static readonly Text NoSuchUnit = new("is not a unit of this organisation", "ليست وحدة في هذه الجهة");

    public sealed record Sender([Required, MaxLength(300)] string Name);

    public sealed record Request(
        Direction Direction,
        [Required, MaxLength(500)] string Subject,
        Language Language,
        Urgency Urgency,
        Confidentiality Confidentiality,
        Sender Sender,
        [MinLength(1), MaxLength(100)] IReadOnlyList<RecipientName> Recipients,
        DateOnly DocumentDate,
        Guid OwnerUnitId,
        [MaxLength(100_000)] string? Body = null,
        [MaxLength(40)] string? LetterType = null,
        IReadOnlyDictionary<string, JsonElement>? Fields = null,
        [MaxLength(Letter.LongestSubject)] string? SubjectAr = null,
        [MaxLength(Letter.LongestSubject)] string? SubjectEn = null,
        [MaxLength(Letter.LongestReference)] string? SenderReference = null,
        DateOnly? ReceivedOn = null,
        ReceivedChannel? ReceivedChannel = null,
        OriginalMedium? OriginalMedium = null,
        [MaxLength(300)] string? PhysicalLocation = null,
        [Range(0, 10_000)] int? PaperAnnexes = null,
        [MaxLength(100)] IReadOnlyList<RecipientName>? ForInformation = null,
        [MaxLength(100)] IReadOnlyList<RecipientName>? Copies = null,
        [MaxLength(40)] string? Classification = null,
        DateOnly? ConfidentialUntil = null,
        bool NeedsReply = false,
        [MaxLength(20)] IReadOnlyList<LinkRules.Request>? Links = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            LetterRules.CheckNames("recipients", Recipients, errors);
            LetterRules.CheckNames("forInformation", ForInformation, errors);
            LetterRules.CheckNames("copies", Copies, errors);
        }
    }

    /// <param name="LikelyDuplicates">Letters that may be the same one, among those that the caller may see; left out where there are none.</param>
    public sealed record Response(
        Guid Id, LetterStatus Status, string? ReferenceNumber,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<LikelyDuplicates.Item>? LikelyDuplicates = null);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, VisibleLetters visible, PublishedSettings settings, CorrespondenceDbContext db, UnitsOfTenant units,
        FinishRegistration finish, SweepSignal<UnfinishedRegistrations> unfinished, CurrentTenant tenant, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is { } before)
            return await AnswerAsync(before);
        if ((int)request.Confidentiality > user.Clearance())
            return AboveClearance.Result();
        if (await units.FindAsync(request.OwnerUnitId, cancel) is not { } unit)
            throw new ProblemException(Errors.Of("ownerUnitId", NoSuchUnit.ToString()).Details());
        if (unit.InChargeId != unit.Id)
            throw new ProblemException(Errors.Of("ownerUnitId", ClosedUnit.With(unit.Code)).Details());
        // A role for some units registers for those and the ones below; another unit does not exist for it.
        if (user.BranchesOf(Permissions.RegisterLetter) is { } roots && !(await units.BelowAsync(roots, cancel)).Contains(unit.Id))
            throw new ProblemException(Errors.Of("ownerUnitId", NoSuchUnit.ToString()).Details());

        var now = time.GetUtcNow();
        var errors = new Errors();
        var (type, fields) = await LetterRules.CheckTypeAsync(request.LetterType, request.Fields, request.Direction, settings, errors, cancel);
        await LetterRules.CheckClassAsync(request.Classification, settings, errors, cancel);
        LetterRules.CheckReceived(request.ReceivedOn, now, errors);
        if (request.Links is { Count: > 0 })
            await LinkRules.CheckAsync(request.Links, null, await visible.ForAsync(user, Permissions.ReadLetters, cancel), index => $"links[{index}].", errors, cancel);
        errors.ThrowIfAny();

        var letter = new Letter
        {
            Id = SortableId.Next(now),
            Direction = request.Direction,
            Subject = request.Subject,
            Body = request.Body,
            Language = request.Language,
            Urgency = request.Urgency,
            Confidentiality = request.Confidentiality,
            SenderName = request.Sender.Name,
            Recipients = [.. request.Recipients.Select(recipient => recipient.Name)],
            DocumentDate = request.DocumentDate,
            OwnerUnitId = unit.Id,
            OwnerUnitCode = unit.Code,
            Status = LetterStatus.Registering,
            RegisteredBy = user.UserName(),
            RegisteredAt = now,
            LetterType = type?.Code,
            LetterTypeId = type?.LetterTypeId,
            LetterTypeVersion = type?.Version,
            Fields = fields,
            SubjectAr = request.SubjectAr,
            SubjectEn = request.SubjectEn,
            SenderReference = request.SenderReference,
            ReceivedOn = request.ReceivedOn,
            ReceivedChannel = request.ReceivedChannel,
            OriginalMedium = request.OriginalMedium,
            PhysicalLocation = request.PhysicalLocation,
            PaperAnnexes = request.PaperAnnexes,
            ForInformation = request.ForInformation?.Select(recipient => recipient.Name).ToList(),
            Copies = request.Copies?.Select(recipient => recipient.Name).ToList(),
            Classification = request.Classification,
            ConfidentialUntil = request.ConfidentialUntil,
            NeedsReply = request.NeedsReply,
        };
        letter.SetKeys();
        db.Add(letter);
        db.AddRange((request.Links ?? []).Select(link => LinkRules.Make(letter.Id, link, letter.RegisteredBy, now)));
        db.RequestKeys.Remember(key, user.UserId(), Operation, hash, letter.Id, now);
        if (letter.Direction != Direction.Incoming)
            finish.Register(letter);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (key.Value is not null)
        {
            // The same request at the same time was first.
            db.ChangeTracker.Clear();
            if (await db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel) is { } first)
                return await AnswerAsync(first);
            throw;
        }
        return await AnswerAsync(letter.Id);

        async Task<Results<Created<Response>, ProblemHttpResult>> AnswerAsync(Guid id)
        {
            var saved = await db.Letters.FirstAsync(row => row.Id == id, cancel);
            if (saved.Status == LetterStatus.Registering)
            {
                try
                {
                    saved = await finish.RunAsync(saved, cancel);
                }
                catch (ServiceAwayException)
                {
                    return NumberLater.Result();
                }
                catch (HttpRequestException refused) when (refused.StatusCode == HttpStatusCode.Conflict)
                {
                    return NumberRefused.Result();
                }
                finally
                {
                    // Whatever stopped it, the client going away included.
                    if (saved.Status == LetterStatus.Registering)
                        unfinished.Set(tenant.Slug);
                }
            }
            return TypedResults.Created($"/api/correspondence/letters/{id}", new Response(
                id, saved.Status, saved.ReferenceNumber,
                await LikelyDuplicates.FindAsync(await visible.ForAsync(user, Permissions.ReadLetters, cancel), saved, cancel) is { Count: > 0 } likely ? likely : null));
        }
    }
}
