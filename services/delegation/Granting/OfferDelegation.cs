using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Delegations;
using Tarasol.Delegations.Calls;
using Tarasol.Delegations.Data;
using Tarasol.Delegations.People;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Delegations.Granting;

/// <summary>POST /api/delegation/delegations: a person asks another to act for them, or an administrator asks for both. It holds once the delegate accepts.</summary>
public static class OfferDelegation
{
    public static readonly Problem SameWork = new("delegation-overlap", 409,
        new("{0} has delegated the same work to {1} from {2} to {3} already.", "سبق أن فوّض {0} العمل نفسه إلى {1} من {2} إلى {3}."));

    public static readonly Problem PassedOn = new("delegation-chain", 409,
        new("{1} acts for {0} in the same work from {2} to {3}, and a delegate cannot pass it on.", "{1} يعمل نيابة عن {0} في العمل نفسه من {2} إلى {3}، ولا يجوز للمفوَّض أن يفوّض غيره."));

    public static readonly Problem DelegateAway = new("delegate-away", 409,
        new("{0} has delegated the same work to {1} from {2} to {3} and cannot take it from another.", "فوّض {0} العمل نفسه إلى {1} من {2} إلى {3} ولا يمكنه توليه عن غيره."));

    private const string Operation = "offer-delegation";
    private const int Attempts = 5;
    private const int LongestType = 60;
    private const int LongestDays = 731;
    private const int LastYear = 2999;
    private static readonly Text NoSuchPerson = new("is nobody who works here", "ليس من العاملين هنا");
    private static readonly Text Self = new("is the principal too", "هو الأصيل نفسه");
    private static readonly Text NoSuchUnit = new("is not a unit of this organisation", "ليست وحدة في هذه الجهة");
    private static readonly Text NoSuchType = new("{0} is not the code of a published letter type", "{0} ليس رمز نوع خطابات منشور");
    private static readonly Text Past = new("lies in the past", "تاريخ مضى");
    private static readonly Text BeforeFrom = new("is before the first day", "قبل اليوم الأول");
    private static readonly Text NoSuchZone = new("is not the IANA name of a time zone, such as Asia/Riyadh", "ليس اسما لمنطقة زمنية في IANA مثل Asia/Riyadh");
    private static readonly Text Twice = new("is named twice", "مذكور مرتين");
    private static readonly Text BadType = new("must have 1 to {0} characters", "يجب أن يكون من 1 إلى {0} حرفا");
    private static readonly Text AbovePrincipal = new("is more than the principal may see", "أعلى مما يحق للأصيل الاطلاع عليه");
    private static readonly Text AboveDelegate = new("is more than the delegate may see", "أعلى مما يحق للمفوَّض الاطلاع عليه");
    private static readonly Text TooLate = new("is more than {0} days after the first day", "يتجاوز {0} يوما بعد اليوم الأول");

    public sealed record Request(
        [Required, MaxLength(256)] string Delegate,
        DateOnly From,
        DateOnly Until,
        [Required, MaxLength(1000)] string Reason,
        Confidentiality Confidentiality = Confidentiality.Normal,
        [MaxLength(256)] string? Principal = null,
        [MaxLength(50)] IReadOnlyList<ScopeUnit>? Units = null,
        [MaxLength(50)] IReadOnlyList<string>? LetterTypes = null,
        [MaxLength(20)] IReadOnlyList<DelegatedAction>? Actions = null,
        [MaxLength(60)] string? TimeZone = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (Until < From)
                errors.Add("until", BeforeFrom);
            else if (Until.DayNumber - From.DayNumber > LongestDays || Until.Year > LastYear)
                errors.Add("until", TooLate.With(LongestDays));
            if (TimeZone is not null && !Days.TryFindZone(TimeZone, out _))
                errors.Add("timeZone", NoSuchZone);
            foreach (var (at, type) in (LetterTypes ?? []).Index())
            {
                if (string.IsNullOrWhiteSpace(type) || type.Length > LongestType)
                    errors.Add($"letterTypes[{at}]", BadType.With(LongestType));
            }
            Once("units", (Units ?? []).Select(unit => unit.UnitId), errors);
            Once("letterTypes", LetterTypes ?? [], errors);
            Once("actions", Actions ?? [], errors);
        }

        private static void Once<T>(string field, IEnumerable<T> values, Errors errors)
        {
            var seen = new HashSet<T>();
            foreach (var (at, value) in values.Index())
            {
                if (!seen.Add(value))
                    errors.Add($"{field}[{at}]", Twice);
            }
        }
    }

    public sealed record Response(Guid Id, DelegationState State);

    public static async Task<Results<Created<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, IdempotencyKey key, ClaimsPrincipal user, PeopleOfTenant identity, UnitsOfTenant units, LetterTypesOfTenant types, KnownPeople people, DelegationDbContext db,
        IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        var hash = IdempotencyKey.HashOf(request);
        if (await BeforeAsync() is { } before)
            return Answer(before);
        if (request.Principal is { } other && other != user.UserName() && !user.Has(Permissions.ManageDelegations))
            return CommonProblems.Forbidden.Result();

        var wanted = await CheckAsync(request, user.UserName(), identity, units, types, time.GetUtcNow(), cancel);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await OnceAsync(wanted);
            }
            catch (DbUpdateException) when (attempt < Attempts)
            {
                // Somebody changed what stands of one of them at the same time, or the same request came twice: look again.
                db.ChangeTracker.Clear();
                if (await BeforeAsync() is { } same)
                    return Answer(same);
            }
        }

        async Task<Results<Created<Response>, ProblemHttpResult>> OnceAsync(Checked given)
        {
            var now = time.GetUtcNow();
            var delegation = given.Make(SortableId.Next(now));
            delegation.Record(DelegationState.Offered, user.UserName(), now);
            await people.TakeTurnsAsync([delegation.Principal, delegation.Delegate], cancel);
            var standing = await StandingBeside(db, delegation, now).ToListAsync(cancel);
            var sets = await units.SetsAsync(standing.Select(each => each.Scope).Append(delegation.Scope), cancel);
            if (DelegationRules.Collides(delegation, standing, sets) is { } collision)
                return ProblemOf(collision);
            var known = await people.HistoryAsync([delegation.Principal, delegation.Delegate], cancel);
            people.Learn(given.Principal, known);
            people.Learn(given.Delegate, known);
            db.Add(delegation);
            db.RequestKeys.Remember(key, user.UserId(), Operation, hash, delegation.Id, now);
            outbox.Add(new DelegationOffered(
                delegation.Id, delegation.Principal, delegation.Delegate, DelegationView.Contract(delegation.Scope), WireEnum.Name(delegation.Confidentiality), delegation.StartsAt, delegation.EndsAt,
                delegation.Reason, user.UserName(), now));
            await db.SaveChangesAsync(cancel);
            return Answer(delegation.Id);
        }

        Task<Guid?> BeforeAsync() => db.RequestKeys.ResultAsync(key, user.UserId(), Operation, hash, cancel);

        static Created<Response> Answer(Guid id) => TypedResults.Created($"/api/delegation/delegations/{id}", new Response(id, DelegationState.Offered));
    }

    /// <summary>What stands of the two persons in the same time.</summary>
    internal static IQueryable<Delegation> StandingBeside(DelegationDbContext db, Delegation wanted, DateTimeOffset now) => db.Delegations.AsNoTracking()
        .Where(row => row.Principal == wanted.Principal || row.Delegate == wanted.Principal || row.Principal == wanted.Delegate)
        .Where(row => (row.State == DelegationState.Offered || row.State == DelegationState.Accepted) && row.EndsAt > now && row.StartsAt < wanted.EndsAt && row.EndsAt > wanted.StartsAt)
        .OrderBy(row => row.Id);

    internal static ProblemHttpResult ProblemOf(DelegationRules.Collision collision)
    {
        var problem = collision.Kind switch
        {
            DelegationRules.CollisionKind.SameWork => SameWork,
            DelegationRules.CollisionKind.PassedOn => PassedOn,
            _ => DelegateAway,
        };
        var there = collision.With;
        return problem.Result(there.Principal, there.Delegate, there.FirstDay.ToString("O", CultureInfo.InvariantCulture), there.LastDay.ToString("O", CultureInfo.InvariantCulture));
    }

    private static async Task<Checked> CheckAsync(
        Request request, string me, PeopleOfTenant identity, UnitsOfTenant units, LetterTypesOfTenant types, DateTimeOffset now, CancellationToken cancel)
    {
        var errors = new Errors();
        var principal = await identity.FindAsync(request.Principal ?? me, cancel);
        var @delegate = await identity.FindAsync(request.Delegate, cancel);
        if (principal is null)
            errors.Add("principal", NoSuchPerson);
        if (@delegate is null)
            errors.Add("delegate", NoSuchPerson);
        else if (@delegate.UserName == principal?.UserName)
            errors.Add("delegate", Self);
        foreach (var (at, unit) in (request.Units ?? []).Index())
        {
            if (await units.FindAsync(unit.UnitId, cancel) is null)
                errors.Add($"units[{at}].unitId", NoSuchUnit);
        }
        foreach (var (at, type) in (request.LetterTypes ?? []).Index())
        {
            // Compared as the type spells it, which is how letters name it.
            if ((await types.FindAsync(type, cancel))?.Code != type)
                errors.Add($"letterTypes[{at}]", NoSuchType.With(type));
        }
        if (principal is not null && (int)request.Confidentiality > principal.Clearance)
            errors.Add("confidentiality", AbovePrincipal);
        if (@delegate is not null && (int)request.Confidentiality > @delegate.Clearance)
            errors.Add("confidentiality", AboveDelegate);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(request.TimeZone ?? Days.Utc);
        var ends = Days.StartOf(request.Until.AddDays(1), zone);
        if (ends <= now)
            errors.Add("until", Past);
        errors.ThrowIfAny();
        return new(request, principal!, @delegate!, Days.StartOf(request.From, zone), ends);
    }

    private sealed record Checked(Request Request, PeopleOfTenant.Person Principal, PeopleOfTenant.Person Delegate, DateTimeOffset StartsAt, DateTimeOffset EndsAt)
    {
        public Delegation Make(Guid id) => new()
        {
            Id = id,
            Principal = Principal.UserName,
            Delegate = Delegate.UserName,
            Scope = new([.. Request.Units ?? []], [.. Request.LetterTypes ?? []], [.. Request.Actions ?? []]),
            Confidentiality = Request.Confidentiality,
            FirstDay = Request.From,
            LastDay = Request.Until,
            TimeZone = Request.TimeZone ?? Days.Utc,
            StartsAt = StartsAt,
            EndsAt = EndsAt,
            Reason = Request.Reason,
        };
    }
}
