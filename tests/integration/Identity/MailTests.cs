using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Contracts.Identity;
using Tarasol.Identity.Data;
using Tarasol.Messaging;
using Tarasol.Tests.Integration.Mesh;
using static Tarasol.Tests.Integration.Identity.TokenAnswers;

namespace Tarasol.Tests.Integration.Identity;

/// <summary>Identity with an audit trail, and an ear at its outbox for the mails that go out, once they are saved: what they ask for can be done from then on.</summary>
public sealed class MailMesh() : TestMesh("audit")
{
    public ConcurrentQueue<MailRequested> Mails { get; } = new();

    protected override void Configure(string appId, IServiceCollection services)
    {
        if (appId != "identity")
            return;
        var real = services.Last(service => service.ServiceType == typeof(IOutbox));
        services.AddScoped<IOutbox>(provider => new Ear((IOutbox)ActivatorUtilities.CreateInstance(provider, real.ImplementationType!), provider.GetRequiredService<AccountsDbContext>(), Mails));
    }

    private sealed class Ear(IOutbox outbox, AccountsDbContext db, ConcurrentQueue<MailRequested> mails) : IOutbox
    {
        public void Add<TEvent>(TEvent @event, string? actor = null) where TEvent : Tarasol.Contracts.IEvent
        {
            if (@event is MailRequested mail)
                db.SavedChanges += (_, _) => mails.Enqueue(mail);
            outbox.Add(@event, actor);
        }
    }
}

[Trait("Scale", "large")]
public sealed class MailTests(MailMesh mesh) : IClassFixture<MailMesh>
{
    [Fact]
    public async Task A_confirmed_address_gets_a_token_that_resets_the_password_once()
    {
        var tenant = await mesh.NewTenantAsync();
        using var admin = await tenant.AdminAsync("identity");
        var address = $"{tenant.Slug}@example.org";
        using var asked = await admin.PostAsJsonAsync("api/identity/me/email", new { email = address, password = tenant.AdminPassword });
        Assert.Equal(HttpStatusCode.Accepted, asked.StatusCode);
        var confirm = await MailAsync(address, "confirm-email");
        using var nobody = mesh.Client("identity", tenant: tenant.Slug);
        using var confirmed = await nobody.PostAsJsonAsync("connect/confirm", new { token = confirm.Token });
        Assert.Equal(HttpStatusCode.NoContent, confirmed.StatusCode);
        using var again = await nobody.PostAsJsonAsync("connect/confirm", new { token = confirm.Token });
        Assert.Equal("token-not-valid", await again.TextAsync("code"));

        using var forgot = await nobody.PostAsJsonAsync("connect/forgot", new { userName = "ADMIN" });
        Assert.Equal(HttpStatusCode.Accepted, forgot.StatusCode);
        var reset = await MailAsync(address, "reset-password");
        using var common = await nobody.PostAsJsonAsync("connect/reset", new { token = reset.Token, newPassword = "Password1!" });
        Assert.True((await common.JsonAsync()).GetProperty("errors").TryGetProperty("newPassword", out _));
        using var set = await nobody.PostAsJsonAsync("connect/reset", new { token = reset.Token, newPassword = "Brand-new-one-8" });
        Assert.Equal(HttpStatusCode.NoContent, set.StatusCode);
        using var twice = await nobody.PostAsJsonAsync("connect/reset", new { token = reset.Token, newPassword = "Brand-new-two-8" });
        Assert.Equal("token-not-valid", await twice.TextAsync("code"));
        await mesh.TokenAsync(tenant.Slug, "admin", "Brand-new-one-8");
        using var old = await mesh.RequestTokenAsync(tenant.Slug, Password("admin", tenant.AdminPassword));
        Assert.Equal("invalid_grant", await old.TextAsync("error"));

        await TestMesh.EventuallyAsync("the mail to be in the audit trail, without its token", async () => (await TrailAsync(tenant)).Contains("reset-password", StringComparison.Ordinal));
        Assert.DoesNotContain(reset.Token, await TrailAsync(tenant), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_for_an_unknown_name_is_answered_in_the_same_way_and_sends_nothing()
    {
        var tenant = await mesh.NewTenantAsync();
        using var nobody = mesh.Client("identity", tenant: tenant.Slug);
        using var known = await nobody.PostAsJsonAsync("connect/forgot", new { userName = "admin" });
        using var unknown = await nobody.PostAsJsonAsync("connect/forgot", new { userName = "nobody" });
        Assert.Equal(known.StatusCode, unknown.StatusCode);
        Assert.Equal(await known.Content.ReadAsStringAsync(), await unknown.Content.ReadAsStringAsync());
        await TestMesh.EventuallyAsync("both to be dealt with", async () => await CountAsync(tenant, "reset_request") == 0);
        // The admin has no confirmed address either.
        Assert.Equal(0, await CountAsync(tenant, "mailed_token"));
    }

    private async Task<MailRequested> MailAsync(string address, string kind)
    {
        MailRequested? found = null;
        await TestMesh.EventuallyAsync($"a mail {kind}", () => Task.FromResult((found = mesh.Mails.FirstOrDefault(mail => mail.Email == address && mail.Kind == kind)) is not null));
        return found!;
    }

    private async Task<long> CountAsync(TestTenant tenant, string table)
    {
        await using var db = new SqliteConnection($"Data Source={Path.Combine(mesh.Data, "tenants", tenant.Slug, "identity.db")}");
        await db.OpenAsync();
        await using var command = db.CreateCommand();
#pragma warning disable CA2100 // The names are those above.
        command.CommandText = $"select count(*) from {table}";
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<string> TrailAsync(TestTenant tenant)
    {
        var token = await mesh.TokenAsync(tenant.Slug, "admin", "Brand-new-one-8");
        using var audit = mesh.Client("audit", token);
        return await audit.GetStringAsync(new Uri("api/audit/events?limit=200", UriKind.Relative));
    }
}
