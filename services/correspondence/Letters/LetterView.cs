using System.Text.Json;
using Tarasol.Contracts.Admin;
using Tarasol.Messaging;

namespace Tarasol.Correspondence.Letters;

/// <summary>A letter as the API shows it.</summary>
/// <param name="Recipients">Those who are to act.</param>
/// <param name="LetterType">The version of its type by which it was registered; null: it has none.</param>
/// <param name="Fields">Values of the type's own fields.</param>
public sealed record LetterView(
    Guid Id,
    Direction Direction,
    string Subject,
    string? Body,
    Language Language,
    Urgency Urgency,
    Confidentiality Confidentiality,
    RegisterLetter.Sender Sender,
    IReadOnlyList<string> Recipients,
    DateOnly DocumentDate,
    Guid OwnerUnitId,
    LetterStatus Status,
    string? ReferenceNumber,
    string RegisteredBy,
    DateTimeOffset RegisteredAt,
    DateTimeOffset ChangedAt,
    string? SubjectAr,
    string? SubjectEn,
    string? SenderReference,
    DateOnly? ReceivedOn,
    ReceivedChannel? ReceivedChannel,
    OriginalMedium? OriginalMedium,
    string? PhysicalLocation,
    int? PaperAnnexes,
    IReadOnlyList<string> ForInformation,
    IReadOnlyList<string> Copies,
    string? Classification,
    DateOnly? ConfidentialUntil,
    bool NeedsReply,
    LetterView.Type? LetterType,
    JsonElement? Fields)
{
    /// <summary>What people see of the letter's fields, as it was when the letter was registered.</summary>
    public sealed record Type(string Code, int Version, string NameAr, string NameEn, IReadOnlyList<LetterTypeField> Fields);

    /// <param name="letter">The letter.</param>
    /// <param name="type">The version of its type.</param>
    public static LetterView Of(Letter letter, LetterTypePublished? type) => new(
        letter.Id, letter.Direction, letter.Subject, letter.Body, letter.Language, letter.Urgency, letter.Confidentiality, new(letter.SenderName), letter.Recipients,
        letter.DocumentDate, letter.OwnerUnitId, letter.Status, letter.ReferenceNumber, letter.RegisteredBy, letter.RegisteredAt, letter.ChangedAt,
        letter.SubjectAr, letter.SubjectEn, letter.SenderReference, letter.ReceivedOn, letter.ReceivedChannel, letter.OriginalMedium, letter.PhysicalLocation, letter.PaperAnnexes,
        letter.ForInformation ?? [], letter.Copies ?? [], letter.Classification, letter.ConfidentialUntil, letter.NeedsReply,
        type is null ? null : new(type.Code, type.Version, type.NameAr, type.NameEn, type.Fields),
        letter.Fields is { } fields ? JsonSerializer.Deserialize<JsonElement>(fields, EventJson.Options) : null);
}
