namespace Tarasol.Contracts.Directories;

/// <summary>Two parties were found to be one.</summary>
/// <param name="MergeId">By which it can be undone.</param>
/// <param name="KeptId">The one that stands for both.</param>
/// <param name="MergedId">The one that is kept in it.</param>
/// <param name="Reason">In the words of the person who merged them.</param>
/// <param name="MergedAt">When.</param>
public sealed record PartyMerged(Guid MergeId, Guid KeptId, Guid MergedId, string? Reason, DateTimeOffset MergedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "directory.party-merged.v1";

    string IEvent.Subject => KeptId.ToString();
}
