using System.Net;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Identity;

/// <summary>What a service may ask another, and on whose behalf.</summary>
[Collection(nameof(LettersMesh))]
[Trait("Scale", "large")]
public sealed class ServiceCallTests(LettersMesh mesh)
{
    [Fact]
    public async Task A_service_refuses_the_token_of_one_that_may_not_call_it()
    {
        var tenant = await mesh.NewTenantAsync();
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync("correspondence", tenant.Slug));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync("numbering", tenant.Slug));
        // Its own token names no service but those that everybody needs, so not even itself.
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("directory", tenant.Slug));
    }

    [Fact]
    public async Task A_call_on_behalf_of_a_person_needs_a_good_token_of_a_person_of_that_tenant()
    {
        var tenant = await mesh.NewTenantAsync();
        var other = await mesh.NewTenantAsync();
        var person = await tenant.AdminTokenAsync();
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync("correspondence", tenant.Slug, $"Bearer {person}"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("correspondence", other.Slug, $"Bearer {person}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("correspondence", tenant.Slug, $"Bearer {person[..^4]}AAAA"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("correspondence", tenant.Slug, $"Bearer {await mesh.ServiceTokenAsync("correspondence")}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync("correspondence", tenant.Slug, "nothing"));
    }

    private async Task<HttpStatusCode> AskAsync(string caller, string tenant, string? onBehalfOf = null)
    {
        using var client = mesh.Client("directory", await mesh.ServiceTokenAsync(caller), tenant);
        if (onBehalfOf is not null)
            client.DefaultRequestHeaders.Add("Tarasol-On-Behalf-Of", onBehalfOf);
        using var answer = await client.GetAsync(new Uri($"internal/units/{Guid.CreateVersion7()}", UriKind.Relative));
        return answer.StatusCode;
    }
}
