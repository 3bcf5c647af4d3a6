using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Tarasol.Contracts;
using Tarasol.Contracts.Correspondence;
using Tarasol.Contracts.Tasks;
using Tarasol.Messaging;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Audit;

[Collection(RegistryCollection.Name)]
public class TrailTests(RegistryMesh mesh)
{
    [Fact]
    public async Task What_happens_is_in_the_trail_with_who_did_it()
    {
        var tenant = await mesh.AnyTenantAsync();
        using var directory = await tenant.AdminAsync("directory");
        using var made = await directory.PostAsJsonAsync("api/directory/units", new { code = "FIN", nameAr = "المالية", nameEn = "Finance" });
        var unit = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        using var audit = await tenant.AdminAsync("audit");
        var entry = Assert.Single(await EventsAsync(audit, unit, 1));
        Assert.Equal(("directory.unit-created.v1", unit, "admin", "FIN"), (
            entry.GetProperty("type").GetString(), entry.GetProperty("subject").GetString(), entry.GetProperty("actor").GetString(), entry.GetProperty("data").GetProperty("code").GetString()));
        Assert.Equal(64, entry.GetProperty("hash").GetString()!.Length);
        await VerifiedAsync(audit);
    }

    [Fact]
    public async Task A_letters_events_come_oldest_first_page_by_page_and_by_type()
    {
        var tenant = await mesh.AnyTenantAsync();
        var letter = Guid.CreateVersion7();
        await PublishAsync(tenant, Registered(letter, "normal"));
        for (var step = 1; step <= 4; step++)
            await PublishAsync(tenant, new TaskOpened(Guid.CreateVersion7(), "approve", letter, Guid.CreateVersion7(), step, "salma", At, At));
        using var audit = await tenant.AdminAsync("audit");
        var all = await EventsAsync(audit, letter.ToString(), 5);
        Assert.Equal(all.Select(entry => entry.GetProperty("sequence").GetInt64()).Order(), all.Select(entry => entry.GetProperty("sequence").GetInt64()));

        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var page = await audit.GetFromJsonAsync<JsonElement>($"api/audit/events?subject={letter}&limit=2&cursor={cursor}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        Assert.Equal(all.Select(entry => entry.GetProperty("id").GetString()), seen);

        var opened = await audit.GetFromJsonAsync<JsonElement>($"api/audit/events?subject={letter}&type=task.task-opened.v1");
        Assert.Equal(4, opened.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task An_event_that_comes_again_is_there_once_and_many_at_once_make_one_chain()
    {
        var tenant = await mesh.NewTenantAsync();
        var letter = Guid.CreateVersion7();
        var events = Enumerable.Range(1, 20).Select(step => Envelope(tenant, new TaskOpened(Guid.CreateVersion7(), "approve", letter, Guid.CreateVersion7(), step, "salma", At, At))).ToList();
        await Task.WhenAll(events.Concat(events).Select(PublishAsync));
        using var audit = await tenant.AdminAsync("audit");
        await EventsAsync(audit, letter.ToString(), 20);
        // After this one is in, the repetitions before it have been dealt with or will change nothing.
        await PublishAsync(tenant, Registered(letter, "normal"));
        var all = await EventsAsync(audit, letter.ToString(), 21);
        Assert.Equal(21, all.Select(entry => entry.GetProperty("id").GetString()).Distinct().Count());
        await VerifiedAsync(audit);
    }

    [Fact]
    public async Task What_is_above_the_readers_clearance_is_not_shown()
    {
        var tenant = await mesh.NewTenantAsync();
        var (secret, normal, unknown) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await PublishAsync(tenant, Registered(secret, "secret"));
        await PublishAsync(tenant, Registered(normal, "normal"));
        foreach (var letter in (Guid[])[secret, normal, unknown])
            await PublishAsync(tenant, new TaskOpened(Guid.CreateVersion7(), "approve", letter, Guid.CreateVersion7(), 1, "salma", At, At));
        using var admin = await tenant.AdminAsync("audit");
        await EventsAsync(admin, secret.ToString(), 2);
        await EventsAsync(admin, normal.ToString(), 2);
        await EventsAsync(admin, unknown.ToString(), 1);

        var (_, low) = await tenant.NewUserAsync("low", ["auditor"], clearance: 1);
        using var below = mesh.Client("audit", low);
        Assert.Empty(await ReadAsync(below, secret.ToString()));
        Assert.Equal(2, (await ReadAsync(below, normal.ToString())).Count);
        Assert.Empty(await ReadAsync(below, unknown.ToString()));
        var (_, high) = await tenant.NewUserAsync("high", ["auditor"], clearance: 2);
        using var above = mesh.Client("audit", high);
        Assert.Equal(2, (await ReadAsync(above, secret.ToString())).Count);
        Assert.Empty(await ReadAsync(above, unknown.ToString()));
    }

    [Fact]
    public async Task Tenants_have_trails_of_their_own()
    {
        var (here, there) = (await mesh.NewTenantAsync(), await mesh.NewTenantAsync());
        var letter = Guid.CreateVersion7();
        await PublishAsync(here, Registered(letter, "normal"));
        using var mine = await here.AdminAsync("audit");
        await EventsAsync(mine, letter.ToString(), 1);
        using var theirs = await there.AdminAsync("audit");
        Assert.Empty(await ReadAsync(theirs, letter.ToString()));
    }

    [Theory]
    [InlineData("UPDATE audit_entry SET actor = 'nobody'")]
    [InlineData("DELETE FROM audit_entry")]
    [InlineData("DELETE FROM audit_end")]
    public async Task The_database_refuses_to_change_evidence(string statement)
    {
        var tenant = await mesh.AnyTenantAsync();
        using var audit = await tenant.AdminAsync("audit");
        await PublishAsync(tenant, Registered(Guid.CreateVersion7(), "normal"));
        await AnyEntryAsync(audit);
        var refused = Assert.Throws<SqliteException>(() => Execute(tenant, statement));
        Assert.Contains("audit trail", refused.Message, StringComparison.Ordinal);
        await VerifiedAsync(audit);
    }

    [Theory]
    [InlineData("UPDATE audit_entry SET actor = 'nobody' WHERE sequence = 2", "tr_audit_entry_no_update", 2, "entry-changed")]
    [InlineData("DELETE FROM audit_entry WHERE sequence = 2", "tr_audit_entry_no_delete", 2, "entry-missing")]
    [InlineData("DELETE FROM audit_entry WHERE sequence = (SELECT max(sequence) FROM audit_entry)", "tr_audit_entry_no_delete", null, "entry-missing")]
    public async Task Whoever_gets_past_the_triggers_is_found_out(string statement, string trigger, int? at, string reason)
    {
        var tenant = await mesh.NewTenantAsync();
        using var audit = await tenant.AdminAsync("audit");
        var letter = Guid.CreateVersion7();
        for (var each = 0; each < 3; each++)
            await PublishAsync(tenant, new LetterNumbered(letter, $"IN/FIN/2026/0000{each}", At));
        await EventsAsync(audit, letter.ToString(), 3);
        await AnyEntryAsync(audit, "identity.user-created.v1");
        var before = await VerifiedAsync(audit);

        Execute(tenant, $"DROP TRIGGER {trigger}; {statement}");
        var answer = await audit.GetFromJsonAsync<JsonElement>("api/audit/verify");
        Assert.False(answer.GetProperty("verified").GetBoolean());
        Assert.Equal(at ?? before, answer.GetProperty("brokenAt").GetInt64());
        Assert.Equal(reason, answer.GetProperty("reason").GetString());
        Assert.NotEqual("", answer.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("cursor=x", "cursor")]
    [InlineData("cursor=-1", "cursor")]
    [InlineData("cursor=0", "cursor")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1000", "limit")]
    public async Task A_wrong_query_is_refused_by_name(string query, string field)
    {
        using var audit = mesh.Client("audit", await mesh.OperatorTokenAsync());
        using var refused = await audit.GetAsync(new Uri($"api/audit/events?{query}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal([field], (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Theory]
    [InlineData("api/audit/events")]
    [InlineData("api/audit/verify")]
    public async Task Only_auditors_read_the_trail(string path)
    {
        var tenant = await mesh.AnyTenantAsync();
        var (_, token) = await tenant.NewUserAsync($"user-{Guid.CreateVersion7():N}", ["handler"]);
        using var handler = mesh.Client("audit", token);
        using var refused = await handler.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var nobody = mesh.Client("audit", tenant: tenant.Slug);
        using var unauthenticated = await nobody.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, unauthenticated.StatusCode);
    }

    private static readonly DateTimeOffset At = new(2026, 1, 31, 8, 30, 0, TimeSpan.Zero);

    private static LetterRegistered Registered(Guid letter, string confidentiality) =>
        new(letter, "incoming", "طلب", "ar", "normal", confidentiality, Guid.CreateVersion7(), null, new DateOnly(2026, 1, 30), At);

    private static EventEnvelope Envelope<TEvent>(TestTenant tenant, TEvent @event) where TEvent : IEvent => new(
        Guid.CreateVersion7().ToString(), TEvent.Type.Split('.')[0], TEvent.Type, @event.Subject, At, tenant.Slug, "salma", null, JsonSerializer.SerializeToElement(@event, EventJson.Options));

    private Task PublishAsync<TEvent>(TestTenant tenant, TEvent @event) where TEvent : IEvent => PublishAsync(Envelope(tenant, @event));

    // Correspondence and task do not run in this mesh; their events are published as they would.
    private async Task PublishAsync(EventEnvelope envelope)
    {
        var sidecar = mesh.Sidecar("audit");
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("dapr-api-token", sidecar.ApiToken);
        using var content = new StringContent(JsonSerializer.Serialize(envelope, EventJson.Options), Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        using var answer = await client.PostAsync(new Uri($"http://127.0.0.1:{sidecar.HttpPort}/v1.0/publish/pubsub/{envelope.Type}"), content);
        await TestMesh.EnsureAsync(answer);
    }

    private static async Task<List<JsonElement>> ReadAsync(HttpClient audit, string subject) =>
        [.. (await audit.GetFromJsonAsync<JsonElement>($"api/audit/events?subject={subject}")).GetProperty("items").EnumerateArray()];

    private static async Task<List<JsonElement>> EventsAsync(HttpClient audit, string subject, int count)
    {
        List<JsonElement> entries = [];
        await TestMesh.EventuallyAsync($"{count} entries of {subject}", async () => (entries = await ReadAsync(audit, subject)).Count >= count);
        Assert.Equal(count, entries.Count);
        return entries;
    }

    private static Task AnyEntryAsync(HttpClient audit, string type = "") => TestMesh.EventuallyAsync($"an entry {type}", async () =>
        (await audit.GetFromJsonAsync<JsonElement>($"api/audit/events?limit=1&type={type}")).GetProperty("items").GetArrayLength() > 0);

    private static async Task<long> VerifiedAsync(HttpClient audit)
    {
        var answer = await audit.GetFromJsonAsync<JsonElement>("api/audit/verify");
        Assert.True(answer.GetProperty("verified").GetBoolean(), answer.GetRawText());
        Assert.Equal(64, answer.GetProperty("head").GetString()!.Length);
        Assert.False(answer.TryGetProperty("brokenAt", out _));
        return answer.GetProperty("count").GetInt64();
    }

    private void Execute(TestTenant tenant, string statement)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(mesh.Data, "tenants", tenant.Slug, "audit.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are this test's own.
        command.CommandText = statement;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
