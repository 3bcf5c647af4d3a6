using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Delegations.Data;
using Tarasol.Delegations.Granting;
using Tarasol.Delegations.People;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Delegations.Authority;

/// <summary>
/// GET /api/delegation/authority?user=&amp;on=&amp;timeZone=: who could act or see for a person on a day (or at a moment), and why, from what was recorded. Of oneself, or of anybody with
/// the permission for it.
/// </summary>
public static class ReadAuthority
{
    private static readonly Text Needed = new("is required", "مطلوب");
    private static readonly Text BadOn = new("must be a day such as 2026-01-31 or a moment such as 2026-01-31T08:30:00Z", "يجب أن يكون يوما مثل 2026-01-31 أو لحظة مثل 2026-01-31T08:30:00Z");
    private static readonly Text BadZone = new("is not the IANA name of a time zone, such as Asia/Riyadh", "ليس اسما لمنطقة زمنية في IANA مثل Asia/Riyadh");

    public enum Basis
    {
        /// <summary>The person's own work.</summary>
        Own,
        Delegation,
    }

    public sealed record Item(
        string Person, Basis Basis, Guid? DelegationId, DateTimeOffset From, DateTimeOffset Until, Confidentiality Confidentiality, IReadOnlyList<ScopeUnit> Units, IReadOnlyList<string> LetterTypes,
        IReadOnlyList<DelegatedAction> Actions, IReadOnlyList<string> Why);

    public sealed record Response(string User, DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<Item> Items);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        string? user, string? on, string? timeZone, ClaimsPrincipal caller, KnownPeople people, DelegationDbContext db, CancellationToken cancel)
    {
        var errors = new Errors();
        if (string.IsNullOrEmpty(user))
            errors.Add("user", Needed);
        var window = Window(on, timeZone, errors);
        errors.ThrowIfAny();
        if (!caller.Has(Permissions.ReadAuthority) && !(user == caller.UserName() && caller.Has(Permissions.Delegate)))
            return CommonProblems.Forbidden.Result();

        var (from, until) = window;
        var delegations = await db.Delegations.AsNoTracking().Include(row => row.Changes)
            .Where(row => row.Principal == user && row.StartsAt < until && row.EndsAt > from).OrderBy(row => row.Id).ToListAsync(cancel);
        var history = await people.HistoryAsync([user!, .. delegations.Select(row => row.Delegate).Distinct()], cancel);
        return TypedResults.Ok(new Response(user!, from, until, [.. AuthorityRules.Of(user!, window, delegations, history).Select(Show)]));
    }

    private static Item Show(AuthorityRules.Held held) => new(
        held.Person, held.By is null ? Basis.Own : Basis.Delegation, held.By?.Id, held.Time.From, held.Time.Until, held.Level,
        held.By?.Scope.Units ?? [], held.By?.Scope.LetterTypes ?? [], held.By?.Scope.Actions ?? [], Reasons.Of(held));

    internal static Span Window(string? on, string? timeZone, Errors errors)
    {
        TimeZoneInfo? zone = TimeZoneInfo.Utc;
        if (!string.IsNullOrEmpty(timeZone) && !Days.TryFindZone(timeZone, out zone))
            errors.Add("timeZone", BadZone);
        if (DateOnly.TryParseExact(on, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day > DateOnly.MinValue.AddDays(1) && day < DateOnly.MaxValue.AddDays(-1))
            return zone is null ? default : new(Days.StartOf(day, zone), Days.StartOf(day.AddDays(1), zone));
        if (TryReadMoment(on, out var moment))
            return new(moment, moment.AddTicks(1));
        errors.Add("on", BadOn);
        return default;
    }

    /// <summary>A moment with its offset from UTC.</summary>
    internal static bool TryReadMoment(string? text, out DateTimeOffset moment)
    {
        string[] forms = ["yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];
        moment = default;
        return text is not null && (text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal))
            && DateTimeOffset.TryParseExact(text, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out moment) && moment.Year is > 1 and < 9999;
    }
}
