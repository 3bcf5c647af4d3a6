namespace Tarasol.Identity.Tokens;

/// <summary>
/// Which services a service may call: the scopes of its own token, app-ids. A service refuses a token that does not name it. Which routes of it each may call is in
/// dapr-config/access; a test holds both against the calls that the sources make.
/// </summary>
public static class ServiceScopes
{
    // Where a tenant's database is, and who is refused; everybody needs to know.
    private static readonly string[] Everybody = ["identity", "tenant"];

    private static readonly Dictionary<string, string[]> More = new()
    {
        ["correspondence"] = ["directory", "numbering", "task"],
        ["delegation"] = ["admin", "directory"],
        ["numbering"] = ["directory", "correspondence"],
        ["task"] = ["directory"],
    };

    // They ask every service: for its permissions, and to make the databases of a tenant.
    private static readonly string[] CallAll = ["identity", "tenant"];

    /// <summary>The scopes of a service.</summary>
    /// <param name="appId">Its app-id.</param>
    /// <param name="services">All services of the deployment.</param>
    public static IEnumerable<string> Of(string appId, IEnumerable<string> services) =>
        Everybody.Concat(CallAll.Contains(appId) ? services : More.GetValueOrDefault(appId) ?? []).Distinct();
}
