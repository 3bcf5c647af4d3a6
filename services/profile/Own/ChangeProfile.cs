using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Tarasol.Contracts;
using Tarasol.Contracts.Profiles;
using Tarasol.Messaging;
using Tarasol.Profiles.Calls;
using Tarasol.Profiles.Data;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Profiles.Own;

/// <summary>PUT /api/profile/me: replaces what the caller has chosen; what is left out or null follows the tenant. With If-Match only if it has not changed since.</summary>
public static class ChangeProfile
{
    private static readonly Text NoSuchZone = new("is not the IANA name of a time zone, such as Asia/Riyadh", "ليس اسما لمنطقة زمنية في IANA مثل Asia/Riyadh");
    private static readonly Text NoSuchEvent = new("is no kind of event, such as task.task-opened", "ليس نوعا من الأحداث مثل task.task-opened");
    private static readonly Text Twice = new("is named twice", "مذكور مرتين");

    private static readonly HashSet<string> Kinds = [.. EventTypes.All.Keys.Select(type => type[..type.LastIndexOf('.')])];

    public sealed record Choice([Required, MaxLength(100)] string Event, [MaxLength(10)] IReadOnlyList<Channel> Channels);

    public sealed record Request(
        Language? Language = null, Calendar? Calendar = null, [MaxLength(60)] string? TimeZone = null, [MaxLength(200)] IReadOnlyList<Choice>? Notifications = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (TimeZone is not null && !IsZone(TimeZone))
                errors.Add("timeZone", NoSuchZone);
            var seen = new HashSet<string>();
            foreach (var (at, choice) in (Notifications ?? []).Index())
            {
                if (!Kinds.Contains(choice.Event))
                    errors.Add($"notifications[{at}].event", NoSuchEvent);
                else if (!seen.Add(choice.Event))
                    errors.Add($"notifications[{at}].event", Twice);
            }
        }

        private static bool IsZone(string name) => TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && (zone.HasIanaId || name == ProfileView.DefaultTimeZone);
    }

    public static async Task<Results<Ok<ProfileView>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, ClaimsPrincipal user, HttpContext context, TenantDefaults defaults, ProfileDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        var me = user.UserName();
        var request = body.Value;
        var profile = await db.Profiles.FirstOrDefaultAsync(row => row.UserName == me, cancel);
        var wanted = context.Request.GetTypedHeaders().IfMatch;
        if (wanted.Count > 0 && !wanted.Any(tag => tag.Compare(ProfileView.Tag(profile), useStrongComparison: true) || tag.Equals(EntityTagHeaderValue.Any)))
            return CommonProblems.Changed.Result();
        if (profile is null)
            db.Add(profile = new() { UserName = me });
        (profile.Language, profile.Calendar, profile.TimeZone) = (request.Language, request.Calendar, request.TimeZone);
        profile.Notifications = [.. (request.Notifications ?? []).Select(choice => new NotificationChoice(choice.Event, [.. choice.Channels.Distinct()]))];
        profile.ChangedAt = time.GetUtcNow();
        profile.Version++;
        var view = ProfileView.Of(me, profile, await defaults.GetAsync(cancel));
        outbox.Add(new ProfileChanged(me, WireEnum.Name(view.Language), WireEnum.Name(view.Calendar), view.TimeZone, profile.ChangedAt));
        await db.SaveChangesAsync(cancel);
        context.Response.GetTypedHeaders().ETag = ProfileView.Tag(profile);
        return TypedResults.Ok(view);
    }
}
