using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Numbering;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Numbers;
using Tarasol.Tenancy;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Numbering;

[Collection(RegistryCollection.Name)]
public class NumbersTests(RegistryMesh mesh)
{
    [Fact]
    public async Task Letters_get_the_next_number_of_their_series()
    {
        using var numbers = await ClientAsync();
        Assert.Equal("IN/FIN/2026/00001", (await TakeAsync(numbers)).Number);
        Assert.Equal("IN/ACC/2026/00002", (await TakeAsync(numbers, unit: "ACC")).Number);
        Assert.Equal("OUT/FIN/2026/00001", (await TakeAsync(numbers, "outgoing")).Number);
        Assert.Equal("INT/FIN/2026/00001", (await TakeAsync(numbers, "internal")).Number);
        Assert.Equal("IN/FIN/2026/00003", (await TakeAsync(numbers)).Number);
    }

    [Fact]
    public async Task A_letter_keeps_its_number_however_often_it_is_asked_for()
    {
        using var numbers = await ClientAsync();
        var letter = Guid.CreateVersion7();
        var first = await TakeAsync(numbers, letter: letter);
        var again = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => TakeAsync(numbers, letter: letter)));
        Assert.All(again, one => Assert.Equal(first, one));
        Assert.Equal(2, (await TakeAsync(numbers)).Sequence);
    }

    [Fact]
    public async Task Many_at_once_leave_no_gap_and_no_duplicate()
    {
        using var numbers = await ClientAsync();
        // Every letter twice, as a caller does that got no answer.
        var letters = Enumerable.Range(0, 20).Select(_ => Guid.CreateVersion7()).ToList();
        var taken = await Task.WhenAll(letters.Concat(letters).Select(letter => TakeAsync(numbers, letter: letter)));
        Assert.Equal(Enumerable.Range(1, 20).Select(each => (long)each), taken.Distinct().Select(one => one.Sequence).Order());
    }

    [Fact]
    public async Task Even_two_actors_of_a_series_at_the_same_time_give_no_number_twice()
    {
        var tenant = await mesh.NewTenantAsync();
        var allocator = mesh.Services("numbering").GetRequiredService<Allocator>();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() =>
            allocator.AllocateAsync(tenant.Slug, "incoming", new(Guid.CreateVersion7(), "FIN", new DateOnly(2026, 5, 1)), CancellationToken.None))));
        Assert.Equal(Enumerable.Range(1, 12).Select(each => (long)each), answers.Select(answer => answer.Sequence).Order());
    }

    [Fact]
    public async Task The_sequence_begins_again_with_every_year()
    {
        using var numbers = await ClientAsync();
        Assert.Equal("IN/FIN/2026/00001", (await TakeAsync(numbers, date: "2026-12-31")).Number);
        Assert.Equal("IN/FIN/2027/00001", (await TakeAsync(numbers, date: "2027-01-01")).Number);
        Assert.Equal("IN/FIN/2026/00002", (await TakeAsync(numbers, date: "2026-12-31")).Number);
    }

    [Fact]
    public async Task Tenants_number_apart()
    {
        using var here = await ClientAsync();
        using var there = await ClientAsync();
        var letter = Guid.CreateVersion7();
        Assert.Equal(1, (await TakeAsync(here, letter: letter)).Sequence);
        Assert.Equal(1, (await TakeAsync(there, letter: letter)).Sequence);
    }

    [Fact]
    public async Task A_unit_can_have_a_series_of_its_own_with_its_own_mask()
    {
        var tenant = await mesh.NewTenantAsync();
        await AddSeriesAsync(tenant, "incoming-fin", "FIN", "مالية/{hijri}/{year}/{seq:3}");
        using var numbers = await ClientAsync(tenant);
        Assert.Equal("مالية/1447/2026/001", (await TakeAsync(numbers)).Number);
        Assert.Equal("IN/ACC/2026/00001", (await TakeAsync(numbers, unit: "ACC")).Number);
    }

    [Fact]
    public async Task A_number_that_another_series_gave_is_not_given_again()
    {
        var tenant = await mesh.NewTenantAsync();
        using var numbers = await ClientAsync(tenant);
        await TakeAsync(numbers);
        await AddSeriesAsync(tenant, "incoming-acc", "ACC", "IN/FIN/{year}/{seq:5}");
        using var refused = await SendAsync(numbers, "incoming", "ACC", Guid.CreateVersion7(), "2026-05-01");
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("reference-number-taken", problem.GetProperty("code").GetString());
        Assert.Contains("IN/FIN/2026/00001", problem.GetProperty("title").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_number_given_is_told_to_the_world_once()
    {
        var tenant = await mesh.NewTenantAsync();
        using var numbers = await ClientAsync(tenant);
        var letter = Guid.CreateVersion7();
        var given = await TakeAsync(numbers, letter: letter);
        await TakeAsync(numbers, letter: letter);
        using var audit = await tenant.AdminAsync("audit");
        JsonElement[] entries = [];
        await TestMesh.EventuallyAsync("the number in the audit", async () =>
        {
            entries = [.. (await audit.GetFromJsonAsync<JsonElement>($"api/audit/events?subject={letter}")).GetProperty("items").EnumerateArray()];
            return entries.Length > 0;
        });
        var data = Assert.Single(entries).GetProperty("data");
        Assert.Equal(given, (data.GetProperty("referenceNumber").GetString()!, data.GetProperty("sequence").GetInt64()));
        Assert.Equal("numbering", entries[0].GetProperty("actor").GetString());
    }

    [Fact]
    public async Task A_service_that_was_stopped_goes_on_where_it_was()
    {
        var tenant = await mesh.NewTenantAsync();
        using (var before = await ClientAsync(tenant))
            Assert.Equal(1, (await TakeAsync(before)).Sequence);
        await mesh.StopAsync("numbering");
        await mesh.StartAsync("numbering");
        using var after = await ClientAsync(tenant);
        (string Number, long Sequence)? taken = null;
        await TestMesh.EventuallyAsync("the actor to answer again", async () =>
        {
            using var answer = await SendAsync(after, "incoming", "FIN", Guid.CreateVersion7(), "2026-05-01");
            taken = answer.StatusCode == HttpStatusCode.OK ? await ReadAsync(answer) : null;
            return taken is not null;
        });
        Assert.Equal(2, taken!.Value.Sequence);
    }

    [Theory]
    [InlineData("""{"letterId":"00000000-0000-0000-0000-000000000000","direction":"incoming","unitCode":"FIN","date":"2026-05-01"}""", "letterId")]
    [InlineData("""{"letterId":"01890000-0000-7000-8000-000000000001","direction":"sideways","unitCode":"FIN","date":"2026-05-01"}""", "direction")]
    [InlineData("""{"letterId":"01890000-0000-7000-8000-000000000001","direction":"incoming","unitCode":"F/N","date":"2026-05-01"}""", "unitCode")]
    [InlineData("""{"letterId":"01890000-0000-7000-8000-000000000001","direction":"incoming","unitCode":"FIN","date":"2078-05-01"}""", "date")]
    [InlineData("""{"letterId":"01890000-0000-7000-8000-000000000001","direction":"incoming","unitCode":"FIN"}""", "date")]
    public async Task A_wrong_request_is_refused_by_field(string body, string field)
    {
        using var numbers = mesh.Client("numbering", await mesh.ServiceTokenAsync("tenant"), "platform");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var refused = await numbers.PostAsync(new Uri("internal/numbers", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal([field], (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }

    [Fact]
    public async Task People_cannot_take_numbers()
    {
        var tenant = await mesh.AnyTenantAsync();
        using var admin = await tenant.AdminAsync("numbering");
        using var refused = await SendAsync(admin, "incoming", "FIN", Guid.CreateVersion7(), "2026-05-01");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    private async Task<HttpClient> ClientAsync(TestTenant? tenant = null) =>
        mesh.Client("numbering", await mesh.ServiceTokenAsync("tenant"), (tenant ?? await mesh.NewTenantAsync()).Slug);

    private Task AddSeriesAsync(TestTenant tenant, string key, string unit, string mask) =>
        mesh.Services("numbering").GetRequiredService<TenantScopes>().RunAsync(tenant.Slug, async services =>
        {
            var db = services.GetRequiredService<NumberingDbContext>();
            db.Add(new Series { Key = key, Direction = Direction.Incoming, Unit = unit, Mask = mask, CreatedAt = DateTimeOffset.UnixEpoch });
            await db.SaveChangesAsync();
        }, CancellationToken.None);

    private static async Task<(string Number, long Sequence)> TakeAsync(HttpClient client, string direction = "incoming", string unit = "FIN", Guid? letter = null, string date = "2026-05-01")
    {
        using var answer = await SendAsync(client, direction, unit, letter ?? Guid.CreateVersion7(), date);
        await TestMesh.EnsureAsync(answer);
        return await ReadAsync(answer);
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string direction, string unit, Guid letter, string date) =>
        client.PostAsJsonAsync("internal/numbers", new { letterId = letter, direction, unitCode = unit, date });

    private static async Task<(string Number, long Sequence)> ReadAsync(HttpResponseMessage answer)
    {
        var given = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (given.GetProperty("referenceNumber").GetString()!, given.GetProperty("sequence").GetInt64());
    }
}
