namespace Tarasol.Contracts.Directories;

/// <summary>Somebody outside became known.</summary>
public sealed record PartyCreated(Guid PartyId, string Kind, string? NameAr, string? NameEn, DateTimeOffset CreatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.party-created.v1";

    string IEvent.Subject => PartyId.ToString();
}
