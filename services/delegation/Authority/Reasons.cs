using System.Globalization;
using Tarasol.Delegations.Granting;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Delegations.Authority;

/// <summary>Says in words why somebody could act for a person.</summary>
internal static class Reasons
{
    private static readonly Text OwnWork = new("It is the work of {0}; the account was in use, with clearance {1} since {2}.", "هو عمل {0} نفسه؛ كان الحساب مستخدما بدرجة اطلاع {1} منذ {2}.");
    private static readonly Text Offered = new("{0} offered it on {1}: {2}", "عرضه {0} في {1}: {2}");
    private static readonly Text Accepted = new("{0} accepted it on {1}.", "قبله {0} في {1}.");
    private static readonly Text Days = new("It is for {0} to {1} ({2}).", "مدته من {0} إلى {1} ({2}).");
    private static readonly Text Ended = new("{0} ended it on {1}, before its time: {2}", "أنهاه {0} في {1} قبل موعده: {2}");
    private static readonly Text Level = new("It reaches up to {0}: the delegation says {1}, {2} was cleared for {3}, {4} for {5}.", "يصل إلى درجة {0}: ينص التفويض على {1}، ودرجة اطلاع {2} هي {3}، ودرجة اطلاع {4} هي {5}.");
    private static readonly Text NoReason = new("no reason given", "دون ذكر سبب");

    private static readonly Text[] Levels = [new("normal", "عادي"), new("restricted", "مقيّد"), new("secret", "سري"), new("top secret", "سري للغاية")];

    public static IReadOnlyList<string> Of(AuthorityRules.Held held)
    {
        if (held.By is not { } delegation)
            return [OwnWork.With(held.Person, Name(held.Principal.Clearance), Time(held.Principal.At))];
        var why = new List<string>();
        foreach (var change in delegation.Changes.OrderBy(change => change.Number))
        {
            if (change.Kind == DelegationState.Offered)
                why.Add(Offered.With(change.Actor, Time(change.At), delegation.Reason));
            else if (change.Kind == DelegationState.Accepted)
                why.Add(Accepted.With(change.Actor, Time(change.At)));
            else if (change.Kind == DelegationState.Ended)
                why.Add(Ended.With(change.Actor, Time(change.At), change.Reason ?? NoReason.ToString()));
        }
        why.Add(Days.With(delegation.FirstDay.ToString("O", CultureInfo.InvariantCulture), delegation.LastDay.ToString("O", CultureInfo.InvariantCulture), delegation.TimeZone));
        why.Add(Level.With(
            Name((int)held.Level), Name((int)delegation.Confidentiality), delegation.Principal, Name(held.Principal.Clearance), delegation.Delegate, Name(held.Delegate!.Clearance)));
        return why;
    }

    private static string Name(int level) => Levels[Math.Clamp(level, 0, Levels.Length - 1)].ToString();

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
