namespace Tarasol.Contracts.Directories;

/// <summary>What is said of somebody outside changed.</summary>
public sealed record PartyChanged(Guid PartyId, string Kind, string? NameAr, string? NameEn, DateTimeOffset ChangedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.party-changed.v1";

    string IEvent.Subject => PartyId.ToString();
}
