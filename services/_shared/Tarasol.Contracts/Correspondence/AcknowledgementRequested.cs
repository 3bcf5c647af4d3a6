namespace Tarasol.Contracts.Correspondence;

/// <summary>The sender of an incoming letter is to be told that it is registered. Both texts are filled; the language is the letter's.</summary>
public sealed record AcknowledgementRequested(
    Guid LetterId, string? ReferenceNumber, string SenderName, string? SenderReference, string Language, string TextAr, string TextEn, DateTimeOffset RequestedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "correspondence.acknowledgement-requested.v1";

    string IEvent.Subject => LetterId.ToString();
}
