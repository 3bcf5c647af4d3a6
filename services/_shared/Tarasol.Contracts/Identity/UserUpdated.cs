namespace Tarasol.Contracts.Identity;

/// <summary>A person's account changed: roles, clearance, or whether it may be used.</summary>
public sealed record UserUpdated(Guid UserId, string UserName, string DisplayNameAr, string DisplayNameEn, IReadOnlyList<string> Roles, int Clearance, Guid? UnitId, bool Enabled, DateTimeOffset UpdatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "identity.user-updated.v1";

    string IEvent.Subject => UserId.ToString();
}
