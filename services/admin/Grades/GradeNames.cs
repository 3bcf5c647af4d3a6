using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Tarasol.Administration.Settings;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Administration.Grades;

/// <summary>How the tenant calls the grades of urgency and the levels of confidentiality. The grades themselves are the same everywhere.</summary>
public sealed record GradeNames(GradeNames.UrgencyNames Urgency, GradeNames.ConfidentialityNames Confidentiality) : ISettingContent<GradeNames>
{
    /// <summary>What holds until a tenant publishes its own.</summary>
    public static readonly GradeNames Usual = new(
        new(new("عادي", "Normal"), new("عاجل", "Urgent"), new("عاجل جدا", "Very urgent")),
        new(new("عادي", "Normal"), new("مقيد", "Restricted"), new("سري", "Secret"), new("سري للغاية", "Top secret")));

    public static SettingKind Kind => SettingKind.GradeNames;

    public sealed record Name([Required, MaxLength(60)] string Ar, [Required, MaxLength(60)] string En);

    public sealed record UrgencyNames(Name Normal, Name Urgent, [property: JsonPropertyName("very-urgent")] Name VeryUrgent);

    public sealed record ConfidentialityNames(Name Normal, Name Restricted, Name Secret, [property: JsonPropertyName("top-secret")] Name TopSecret);

    public void Check(Errors errors, string prefix)
    {
        // Each field alone is checked by its limits.
    }

    public void Announce(IOutbox outbox, Setting setting, DateTimeOffset at) => outbox.Add(new GradeNamesPublished(
        setting.Id, setting.Published,
        [new("normal", Urgency.Normal.Ar, Urgency.Normal.En), new("urgent", Urgency.Urgent.Ar, Urgency.Urgent.En), new("very-urgent", Urgency.VeryUrgent.Ar, Urgency.VeryUrgent.En)],
        [
            new("normal", Confidentiality.Normal.Ar, Confidentiality.Normal.En), new("restricted", Confidentiality.Restricted.Ar, Confidentiality.Restricted.En),
            new("secret", Confidentiality.Secret.Ar, Confidentiality.Secret.En), new("top-secret", Confidentiality.TopSecret.Ar, Confidentiality.TopSecret.En),
        ], at));
}
