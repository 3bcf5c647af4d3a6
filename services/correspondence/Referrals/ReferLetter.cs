using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Circuits;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Referrals;

/// <summary>
/// POST /api/correspondence/letters/{id}/referrals: passes a letter on to several people at once. Whoever has accepted a referral can pass it on further, by its id as parent; all others
/// need the permission to route the letter. A unit stands for its head.
/// </summary>
public static class ReferLetter
{
    private static readonly Text One = new("give user or unitId, one of them", "أعط user أو unitId، أحدهما فقط");
    private static readonly Text NoSuchUser = new("is not a user of this organisation", "ليس مستخدما في هذه الجهة");
    private static readonly Text NoHead = new("has no head who could be asked", "ليس لها رئيس يمكن الإحالة إليه");
    private static readonly Text NotCleared = new("is not cleared for this letter", "ليس لديه تصريح بالاطلاع على هذا الخطاب");
    private static readonly Text NotSelf = new("must be somebody else", "يجب أن يكون شخصا آخر");
    private static readonly Text Twice = new("is named twice", "مذكور مرتين");
    private static readonly Text NoSuchParent = new("is not a referral that you have accepted", "ليست إحالة قبلتها");

    public sealed record Item(
        ReferralPurpose Purpose,
        [MaxLength(256)] string? User = null,
        Guid? UnitId = null,
        [MaxLength(4000)] string? Instruction = null,
        [MaxLength(4000)] string? Note = null,
        DateTimeOffset? DueAt = null);

    public sealed record Request([MinLength(1), MaxLength(50)] IReadOnlyList<Item> Items, Guid? ParentId = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            foreach (var (index, item) in Items.Index())
            {
                if (string.IsNullOrWhiteSpace(item.User) == item.UnitId is null)
                    errors.Add($"items[{index}].user", One);
            }
        }
    }

    public sealed record Made(Guid Id, string Receiver);

    public sealed record Response(Guid BatchId, IReadOnlyList<Made> Items);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, IOutbox outbox, People people, UnitsOfTenant units,
        SweepSignal<FollowReferrals> follow, CurrentTenant tenant, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var me = user.UserName();
        // Who passes on needs only to see it.
        var letters = await visible.ForAsync(user, request.ParentId is null ? Permissions.RouteLetter : Permissions.ReadLetters, cancel);
        if (await letters.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } letter)
            return CommonProblems.NotFound.Result();
        var (operation, hash) = ($"refer-letter {id}", IdempotencyKey.HashOf(request));
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), operation, hash, cancel) is { } before)
            return await AnswerAsync(before);
        if (request.ParentId is { } parent
            && !await db.Referrals.AnyAsync(row => row.Id == parent && row.LetterId == id && row.Receiver == me && row.State == ReferralState.Accepted, cancel))
            Errors.Of("parentId", NoSuchParent.ToString()).ThrowIfAny();

        var now = time.GetUtcNow();
        var batch = SortableId.Next(now);
        foreach (var (item, receiver, headOf) in await ReceiversAsync(request.Items, letter, me, people, units, cancel))
        {
            var referral = new Referral
            {
                Id = SortableId.Next(now), LetterId = id, BatchId = batch, ParentId = request.ParentId, Purpose = item.Purpose, Sender = me, Receiver = receiver, HeadOf = headOf,
                Instruction = item.Instruction, Note = item.Note, DueAt = item.DueAt, SentAt = now, ChangedAt = now, GivesAccess = true,
            };
            db.Add(referral);
            db.Add(referral.Told(letter, TimelineKind.ReferralSent, me, receiver, now));
            outbox.Add(new ReferralSent(referral.Id, id, batch, request.ParentId, me, receiver, WireEnum.Name(item.Purpose), item.DueAt, now));
        }
        db.RequestKeys.Remember(key, user.UserId(), operation, hash, batch, now);
        await db.SaveChangesAsync(cancel);
        follow.Set(tenant.Slug);
        return await AnswerAsync(batch);

        async Task<Created<Response>> AnswerAsync(Guid made) => TypedResults.Created(
            $"/api/correspondence/letters/{id}/referrals",
            new Response(made, await db.Referrals.AsNoTracking().Where(row => row.BatchId == made).OrderBy(row => row.Id).Select(row => new Made(row.Id, row.Receiver)).ToListAsync(cancel)));
    }

    /// <summary>The timeline entry of something that happened to a referral: who and to whom, never what was written.</summary>
    internal static TimelineEntry Told(this Referral referral, Letter letter, TimelineKind kind, string actor, string target, DateTimeOffset at)
    {
        var entry = letter.Record(kind, actor, at);
        entry.Target = target;
        return entry;
    }

    private static async Task<List<(Item Item, string Receiver, Guid? HeadOf)>> ReceiversAsync(
        IReadOnlyList<Item> items, Letter letter, string me, People people, UnitsOfTenant units, CancellationToken cancel)
    {
        var errors = new Errors();
        var found = new List<(Item, string, Guid?)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (index, item) in items.Index())
        {
            var (name, clearance, headOf) = await FindAsync(item, people, units, cancel);
            var field = $"items[{index}].{(item.UnitId is null ? "user" : "unitId")}";
            if (name is null)
                errors.Add(field, item.UnitId is null ? NoSuchUser : NoHead);
            else if (clearance < (int)letter.Confidentiality)
                errors.Add(field, NotCleared);
            else if (name == me)
                errors.Add(field, NotSelf);
            else if (!names.Add(name))
                errors.Add(field, Twice);
            else
                found.Add((item, name, headOf));
        }
        errors.ThrowIfAny();
        return found;
    }

    private static async Task<(string? Name, int Clearance, Guid? HeadOf)> FindAsync(Item item, People people, UnitsOfTenant units, CancellationToken cancel)
    {
        if (item.UnitId is not { } unit)
            return await people.FindAsync(item.User!, cancel) is { } person ? (person.UserName, person.Clearance, null) : (null, 0, null);
        return await units.HeadAsync(unit, 0, cancel) is { } head ? (head.UserName, head.Clearance ?? 0, head.UnitId) : (null, 0, null);
    }
}
