using Microsoft.Net.Http.Headers;
using Tarasol.Profiles.Calls;

namespace Tarasol.Profiles.Own;

/// <summary>A profile as its owner and other services see it: what the person has chosen, and for the rest what the tenant prefers.</summary>
/// <param name="Chosen">Names of the fields that the person has chosen.</param>
/// <param name="HasSignature">There is a signature image; only its owner can read it.</param>
public sealed record ProfileView(
    string UserName, Language Language, Calendar Calendar, string TimeZone, IReadOnlyList<NotificationChoice> Notifications, bool HasSignature, DateTimeOffset? SignatureAt, IReadOnlyList<string> Chosen)
{
    internal const string DefaultTimeZone = "UTC";

    internal static ProfileView Of(string userName, Profile? profile, TenantDefaults.Defaults defaults) => new(
        userName, profile?.Language ?? defaults.DefaultLanguage, profile?.Calendar ?? defaults.Calendar, profile?.TimeZone ?? DefaultTimeZone, profile?.Notifications ?? [],
        profile?.SignatureHash is not null, profile?.SignatureAt,
        [
            .. new[] { ("language", profile?.Language is not null), ("calendar", profile?.Calendar is not null), ("timeZone", profile?.TimeZone is not null) }
                .Where(field => field.Item2).Select(field => field.Item1),
        ]);

    internal static EntityTagHeaderValue Tag(Profile? profile) => new($"\"{profile?.Version ?? 0}\"");
}
