namespace Tarasol.Sidecar.Components;

/// <summary>
/// A component that lives on a server of its own, which may not be there yet when the host starts. The component is made all the same and keeps trying; until
/// it has been connected once, the health routes of the apps that see it say so.
/// </summary>
internal interface IServerComponent
{
    /// <summary>Why it cannot be used yet; null from the first connection on.</summary>
    string? NotReady { get; }
}
