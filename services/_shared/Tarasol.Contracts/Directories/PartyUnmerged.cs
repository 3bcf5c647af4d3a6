namespace Tarasol.Contracts.Directories;

/// <summary>A merge was undone: both parties stand for themselves again.</summary>
public sealed record PartyUnmerged(Guid MergeId, Guid KeptId, Guid MergedId, DateTimeOffset UnmergedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.party-unmerged.v1";

    string IEvent.Subject => KeptId.ToString();
}
