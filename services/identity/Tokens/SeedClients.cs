using Dapr.Client;
using OpenIddict.Abstractions;
using Tarasol.Identity.Secrets;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Catalogue;
using Tarasol.Tenancy.Migrations;
using static OpenIddict.Abstractions.OpenIddictConstants;
using Allow = OpenIddict.Abstractions.OpenIddictConstants.Permissions;

namespace Tarasol.Identity.Tokens;

/// <summary>The first-party client of every tenant; in the platform's tenant one client per service, with the secret <c>client-&lt;app-id&gt;</c>.</summary>
internal sealed class SeedClients(IOpenIddictApplicationManager clients, CurrentTenant tenant, DaprClient dapr, IConfiguration configuration) : ITenantSeed
{
    /// <summary>The client of people at a command line or in a first-party app. It has no secret.</summary>
    public const string FirstParty = "tarasol-cli";

    // It is none of the services that keep data, but it asks identity which tokens are revoked.
    private const string Gateway = "gateway";
    private const string AllServices = "identity,tenant,directory,admin,correspondence,numbering,task,delegation,profile,audit";

    public async Task SeedAsync(CancellationToken cancel)
    {
        await EnsureAsync(new()
        {
            ClientId = FirstParty,
            ClientType = ClientTypes.Public,
            DisplayName = "Tarasol",
            Permissions = { Allow.Endpoints.Token, Allow.Endpoints.Revocation, Allow.GrantTypes.Password, Allow.GrantTypes.RefreshToken },
        }, cancel);
        if (tenant.Slug != PlatformTenant.Slug)
            return;
        foreach (var appId in Services(configuration).Append(Gateway))
            await EnsureAsync(new()
            {
                ClientId = appId,
                ClientSecret = await dapr.ReadSecretAsync($"client-{appId}", cancel),
                ClientType = ClientTypes.Confidential,
                DisplayName = appId,
                Permissions = { Allow.Endpoints.Token, Allow.GrantTypes.ClientCredentials },
            }, cancel);
    }

    /// <summary>The services of the deployment, the gateway aside.</summary>
    public static IEnumerable<string> Services(IConfiguration configuration) =>
        (configuration["TARASOL_SERVICES"] ?? AllServices).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    // What this release allows, and a secret that was changed in the store, hold from the next start on.
    private async Task EnsureAsync(OpenIddictApplicationDescriptor wanted, CancellationToken cancel)
    {
        if (await clients.FindByClientIdAsync(wanted.ClientId!, cancel) is not { } known)
            await clients.CreateAsync(wanted, cancel);
        else if (!wanted.Permissions.SetEquals(await clients.GetPermissionsAsync(known, cancel))
            || wanted.ClientSecret is { } secret && !await clients.ValidateClientSecretAsync(known, secret, cancel))
            await clients.UpdateAsync(known, wanted, cancel);
    }
}
