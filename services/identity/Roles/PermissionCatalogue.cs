using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Hosting;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;

namespace Tarasol.Identity.Roles;

/// <summary>Asks one service which permissions it declares.</summary>
public sealed class PermissionSource(HttpClient http, SidecarAddress sidecar)
{
    /// <summary>Throws ServiceAwayException when it does not answer.</summary>
    public async Task<IReadOnlyList<DeclaredPermission>> AskAsync(string appId, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Invoke(appId), "internal/permissions")).ForTenant(PlatformTenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<List<DeclaredPermission>>(EventJson.Options, cancel) ?? throw new JsonException("null is no list of permissions");
    }
}

/// <summary>All permissions of all services of TARASOL_SERVICES. What a service said is kept for some minutes, and for as long as it does not answer.</summary>
internal sealed class PermissionCatalogue(IServiceScopeFactory scopes, IConfiguration configuration, TimeProvider time, ILogger<PermissionCatalogue> log)
{
    private const string AllServices = "identity,tenant,directory,admin,correspondence,numbering,task,delegation,profile,audit";
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<string, (IReadOnlyList<DeclaredPermission> Permissions, DateTimeOffset At)> known = new();

    /// <summary>In the order of their names.</summary>
    public async Task<IReadOnlyList<DeclaredPermission>> ListAsync(CancellationToken cancel)
    {
        var services = (configuration["TARASOL_SERVICES"] ?? AllServices).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var all = await Task.WhenAll(services.Select(service => OfAsync(service, cancel)));
        return [.. all.SelectMany(each => each).OrderBy(each => each.Permission, StringComparer.Ordinal)];
    }

    private async Task<IReadOnlyList<DeclaredPermission>> OfAsync(string service, CancellationToken cancel)
    {
        var before = known.GetValueOrDefault(service);
        if (before.Permissions is not null && time.GetUtcNow() - before.At < Fresh)
            return before.Permissions;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var told = await scope.ServiceProvider.GetRequiredService<PermissionSource>().AskAsync(service, cancel);
            // A service speaks for its own permissions only.
            var own = told.Where(each => each.Permission.StartsWith($"{service}.", StringComparison.Ordinal)).ToList();
            known[service] = (own, time.GetUtcNow());
            return own;
        }
        catch (ServiceAwayException away) when (before.Permissions is not null)
        {
            log.LogWarning("The permissions of {Service} are those that it told before: {Reason}", service, away.Message);
            return before.Permissions;
        }
    }
}
