namespace Tarasol.Contracts.Identity;

/// <summary>A person got an account.</summary>
public sealed record UserCreated(Guid UserId, string UserName, string DisplayNameAr, string DisplayNameEn, IReadOnlyList<string> Roles, int Clearance, Guid? UnitId, DateTimeOffset CreatedAt) : IEvent
{
    /// <inheritdoc/>
    public static string Type => "identity.user-created.v1";

    string IEvent.Subject => UserId.ToString();
}
