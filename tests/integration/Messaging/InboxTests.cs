using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Directories;
using Tarasol.Messaging;
using Tarasol.Messaging.Data;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Messaging;

public sealed class InboxTests : IAsyncLifetime
{
    private readonly FakeSidecar sidecar = new();
    private SmallService service = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        await sidecar.StartAsync();
        service = await SmallService.StartAsync(sidecar.Port);
        client = service.Client();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await service.DisposeAsync();
        await sidecar.DisposeAsync();
    }

    [Fact]
    public async Task The_service_tells_Dapr_what_it_hears_and_where_its_dead_letters_go()
    {
        var subscriptions = (await client.GetFromJsonAsync<JsonElement>("dapr/subscribe")).EnumerateArray().ToList();
        var units = Assert.Single(subscriptions, each => each.GetProperty("topic").GetString() == UnitCreated.Type);
        Assert.Equal(("pubsub", "small.dead-letter"), (units.GetProperty("pubsubName").GetString(), units.GetProperty("deadLetterTopic").GetString()));
        Assert.Contains(subscriptions, each => each.GetProperty("topic").GetString() == "small.dead-letter");
    }

    [Fact]
    public async Task An_event_that_comes_again_is_handled_once()
    {
        var envelope = Envelope("acme", "FIN");
        for (var delivery = 0; delivery < 3; delivery++)
            Assert.Equal(HttpStatusCode.OK, await DeliverAsync(envelope));
        Assert.Equal(1, service.Behaviour.Calls);
        Assert.Equal(["FIN"], await CodesAsync("acme"));
    }

    [Fact]
    public async Task An_event_that_comes_several_times_at_once_takes_effect_once()
    {
        var envelope = Envelope("acme", "FIN");
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => DeliverAsync(envelope)));
        Assert.Equal(HttpStatusCode.OK, await DeliverAsync(envelope));
        Assert.Equal(["FIN"], await CodesAsync("acme"));
    }

    [Fact]
    public async Task A_handler_that_fails_leaves_nothing_behind_and_is_tried_again()
    {
        var envelope = Envelope("acme", "FIN");
        service.Behaviour.Fails = true;
        Assert.Equal(HttpStatusCode.InternalServerError, await DeliverAsync(envelope));
        Assert.Empty(await CodesAsync("acme"));
        Assert.Empty(await service.OutboxAsync("acme"));
        service.Behaviour.Fails = false;
        Assert.Equal(HttpStatusCode.OK, await DeliverAsync(envelope));
        Assert.Equal(["FIN"], await CodesAsync("acme"));
    }

    [Fact]
    public async Task What_follows_from_an_event_names_the_person_who_caused_it()
    {
        await DeliverAsync(Envelope("acme", "FIN"));
        await TestMesh.EventuallyAsync("the event that follows", () => Task.FromResult(sidecar.Published.Count == 1));
        Assert.Equal(("after-FIN", "salma", "acme"), (sidecar.Published[0].Subject, sidecar.Published[0].Actor, sidecar.Published[0].TenantId));
    }

    [Fact]
    public async Task Two_tenants_may_get_the_same_event_id_and_stay_apart()
    {
        var (mine, theirs) = (Envelope("acme", "FIN"), Envelope("other", "HR"));
        await DeliverAsync(mine);
        await DeliverAsync(theirs with { Id = mine.Id });
        Assert.Equal(["FIN"], await CodesAsync("acme"));
        Assert.Equal(["HR"], await CodesAsync("other"));
    }

    [Fact]
    public async Task An_event_of_a_tenant_that_is_not_there_is_not_acknowledged()
    {
        var status = await DeliverAsync(Envelope("nobody", "FIN"));
        Assert.InRange((int)status, 400, 599);
        // Dapr drops an event on 404.
        Assert.NotEqual(HttpStatusCode.NotFound, status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not JSON")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"id":7}""")]
    public async Task What_is_no_event_of_ours_is_dropped_into_the_dead_letters(string body)
    {
        using var answer = await PostAsync($"events/{UnitCreated.Type}", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("DROP", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("small", "directory.unit-created.v1")]
    [InlineData("directory", "directory.unit-moved.v1")]
    public async Task An_event_from_another_than_its_publisher_is_dropped(string source, string type)
    {
        using var answer = await PostAsync($"events/{UnitCreated.Type}", JsonSerializer.Serialize(Envelope("acme", "FIN") with { Source = source, Type = type }, EventJson.Options));
        Assert.Equal("DROP", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("status").GetString());
        Assert.Empty(await CodesAsync("acme"));
    }

    [Fact]
    public async Task A_dead_letter_is_kept_once_in_the_tenants_database()
    {
        var envelope = Envelope("acme", "FIN");
        var body = JsonSerializer.Serialize(envelope, EventJson.Options);
        for (var delivery = 0; delivery < 2; delivery++)
        {
            using var answer = await PostAsync("events/dead-letter", body);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        var kept = Assert.Single(await DeadLettersAsync("acme"));
        Assert.Equal((envelope.Id, UnitCreated.Type, body), (kept.EventId, kept.Type, kept.Envelope));
        Assert.Empty(await DeadLettersAsync("other"));
    }

    [Theory]
    [InlineData("""{"id":"x1","type":"a.thing-done.v1","tenantid":"nobody"}""", "x1")]
    [InlineData("""{"id":"x2","type":"a.thing-done.v1"}""", "x2")]
    [InlineData("[1]", null)]
    [InlineData("not JSON", null)]
    public async Task A_dead_letter_that_belongs_to_nobody_is_kept_by_the_platform(string body, string? id)
    {
        using var answer = await PostAsync("events/dead-letter", body);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var kept = Assert.Single(await DeadLettersAsync("platform"));
        if (id is not null)
            Assert.Equal(id, kept.EventId);
        Assert.Contains(body, kept.Envelope, StringComparison.Ordinal);
    }

    private static EventEnvelope Envelope(string tenant, string code)
    {
        var unit = new UnitCreated(Guid.CreateVersion7(), code, "وحدة", "Unit", null, DateTimeOffset.UnixEpoch);
        return new(
            Guid.CreateVersion7().ToString(), "directory", UnitCreated.Type, unit.UnitId.ToString(), DateTimeOffset.UnixEpoch, tenant, "salma", null,
            JsonSerializer.SerializeToElement(unit, EventJson.Options));
    }

    private async Task<HttpStatusCode> DeliverAsync(EventEnvelope envelope)
    {
        using var answer = await PostAsync($"events/{UnitCreated.Type}", JsonSerializer.Serialize(envelope, EventJson.Options));
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        return await client.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    private Task<List<string>> CodesAsync(string tenant) => service.InTenantAsync(tenant, (db, _) => db.Rows.Select(row => row.UnitCode).ToListAsync());

    private Task<List<DeadLetter>> DeadLettersAsync(string tenant) => service.InTenantAsync(tenant, (db, _) => db.Set<DeadLetter>().AsNoTracking().ToListAsync());
}
