using System.Diagnostics;
using Grpc.Core;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using Tarasol.Contracts.Tenants;
using Tarasol.Messaging.Data;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Messaging;

public class OutboxTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 8, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_event_is_published_after_its_commit_as_a_CloudEvent_and_leaves_the_outbox()
    {
        await using var sidecar = new FakeSidecar();
        await sidecar.StartAsync();
        await using var service = await SmallService.StartAsync(sidecar.Port);
        await service.CommitAsync("acme", "one");
        await PublishedAsync(sidecar, 1);
        var envelope = Assert.Single(sidecar.Published);
        Assert.Equal(("1.0", "small", TenantActivated.Type, "one", "acme", "small", "application/json"), (
            envelope.SpecVersion, envelope.Source, envelope.Type, envelope.Subject, envelope.TenantId, envelope.Actor, envelope.DataContentType));
        Assert.Equal(7, Guid.Parse(envelope.Id).Version);
        Assert.Equal("one", envelope.Data.GetProperty("slug").GetString());
        await EmptyAsync(service, "acme");
    }

    [Fact]
    public async Task Nothing_is_published_before_the_commit_and_nothing_after_a_rollback()
    {
        await using var sidecar = new FakeSidecar();
        await sidecar.StartAsync();
        await using var service = await SmallService.StartAsync(sidecar.Port);
        await service.InTenantAsync("acme", async (db, outbox) =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            outbox.Add(new TenantActivated("undone", DateTimeOffset.UnixEpoch));
            await db.SaveChangesAsync();
            await transaction.RollbackAsync();
            return true;
        });
        await service.InTenantAsync("acme", async (db, outbox) =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            outbox.Add(new TenantActivated("done", DateTimeOffset.UnixEpoch));
            await db.SaveChangesAsync();
            // Another tenant's relay run comes and goes meanwhile.
            await service.CommitAsync("other", "meanwhile");
            await PublishedAsync(sidecar, 1);
            Assert.Equal(["meanwhile"], sidecar.Subjects);
            await transaction.CommitAsync();
            return true;
        });
        await PublishedAsync(sidecar, 2);
        Assert.Equal(["meanwhile", "done"], sidecar.Subjects);
    }

    [Fact]
    public async Task While_the_sidecar_is_away_nothing_is_lost_and_the_order_is_kept()
    {
        await using var sidecar = new FakeSidecar();
        await using var service = await SmallService.StartAsync(sidecar.Port);
        var subjects = Enumerable.Range(1, 60).Select(each => $"event-{each}").ToArray();
        await service.CommitAsync("acme", subjects[..30]);
        await service.CommitAsync("acme", subjects[30..]);
        await TestMesh.EventuallyAsync("a first attempt", async () => (await service.OutboxAsync("acme")).Count == 60);
        Assert.All(await service.OutboxAsync("acme"), row => Assert.Equal((0, OutboxState.Waiting), (row.Attempts, row.State)));

        await sidecar.StartAsync();
        await PublishedAsync(sidecar, 60);
        Assert.Equal(subjects, sidecar.Subjects);
        await EmptyAsync(service, "acme");
    }

    [Fact]
    public async Task A_sidecar_that_answers_unavailable_counts_as_away()
    {
        await using var sidecar = new FakeSidecar { Answer = _ => StatusCode.Unavailable };
        await sidecar.StartAsync();
        await using var service = await SmallService.StartAsync(sidecar.Port);
        await service.CommitAsync("acme", "one", "two");
        sidecar.Answer = _ => StatusCode.OK;
        await PublishedAsync(sidecar, 2);
        Assert.Equal(["one", "two"], sidecar.Subjects);
    }

    [Fact]
    public async Task A_row_that_is_refused_again_and_again_backs_off_and_is_parked_while_others_go_on()
    {
        var time = new FakeTimeProvider(Start);
        await using var sidecar = new FakeSidecar { Answer = envelope => envelope.Subject == "poison" ? StatusCode.InvalidArgument : StatusCode.OK };
        await sidecar.StartAsync();
        await using var service = await SmallService.StartAsync(sidecar.Port, time);
        await service.CommitAsync("acme", "before", "poison", "after");
        await PublishedAsync(sidecar, 2);
        Assert.Equal(["before", "after"], sidecar.Subjects);

        OutboxMessage row = null!;
        async Task AttemptsAsync(int count) => await TestMesh.EventuallyAsync($"attempt {count}", async () =>
            // What was published a moment ago may still be there.
            await service.OutboxAsync("acme") is [var only] && (row = only).Attempts == count);

        await AttemptsAsync(1);
        Assert.Equal((Start.AddSeconds(2), OutboxState.Waiting), (row.NextAttemptAt, row.State));
        Assert.Contains("as the test wants", row.LastError, StringComparison.Ordinal);
        for (var attempt = 2; attempt <= 20; attempt++)
        {
            var before = row.NextAttemptAt;
            time.Advance(TimeSpan.FromMinutes(11));
            await AttemptsAsync(attempt);
            Assert.InRange(row.NextAttemptAt - time.GetUtcNow(), TimeSpan.FromSeconds(4), TimeSpan.FromMinutes(10));
            Assert.True(row.NextAttemptAt > before);
        }
        Assert.Equal(OutboxState.Parked, row.State);

        // Parked means that nobody tries again by himself.
        time.Advance(TimeSpan.FromHours(1));
        await service.CommitAsync("acme", "later");
        await PublishedAsync(sidecar, 3);
        await AttemptsAsync(20);
    }

    [Fact]
    public async Task What_a_crashed_relay_had_claimed_is_published_when_its_claim_ends()
    {
        var time = new FakeTimeProvider(Start);
        await using var sidecar = new FakeSidecar();
        await sidecar.StartAsync();
        await using var service = await SmallService.StartAsync(sidecar.Port, time);
        await service.InTenantAsync("acme", async (db, _) =>
        {
            db.Add(new OutboxMessage
            {
                Id = Guid.CreateVersion7(Start),
                Type = TenantActivated.Type,
                Subject = "claimed",
                Actor = "small",
                Data = """{"slug":"claimed","activatedAt":"2026-01-31T08:30:00+00:00"}""",
                CreatedAt = Start,
                NextAttemptAt = Start.AddSeconds(30),
            });
            await db.SaveChangesAsync();
            return true;
        });
        await service.CommitAsync("acme", "new");
        await PublishedAsync(sidecar, 1);
        Assert.Equal(["new"], sidecar.Subjects);
        // Rounds come by the same clock.
        await TestMesh.EventuallyAsync("the claim to end", () =>
        {
            time.Advance(TimeSpan.FromSeconds(31));
            return Task.FromResult(sidecar.Published.Count == 2);
        });
        Assert.Equal(["new", "claimed"], sidecar.Subjects);
    }

    [Fact]
    public async Task What_an_earlier_process_left_is_published_by_the_next_one()
    {
        await using var sidecar = new FakeSidecar();
        var earlier = await SmallService.StartAsync(sidecar.Port);
        // As if the process had died between commit and signal: the row is there and nobody was told.
        await earlier.InTenantAsync("acme", (db, _) => db.Database.ExecuteSqlAsync($"""
            INSERT INTO outbox_message (id, type, subject, actor, data, created_at, attempts, next_attempt_at, state)
            VALUES ({Guid.CreateVersion7(Start)}, {TenantActivated.Type}, 'left', 'small', {"{}"}, {Start.UtcDateTime}, 0, {Start.UtcDateTime}, 'Waiting')
            """));
        await sidecar.StartAsync();
        await using var next = await earlier.NextAsync(sidecar.Port);
        await PublishedAsync(sidecar, 1);
        Assert.Equal(["left"], sidecar.Subjects);
    }

    [Fact]
    public async Task Tenants_have_outboxes_of_their_own()
    {
        await using var sidecar = new FakeSidecar { Answer = envelope => envelope.TenantId == "acme" ? StatusCode.InvalidArgument : StatusCode.OK };
        await sidecar.StartAsync();
        await using var service = await SmallService.StartAsync(sidecar.Port);
        await service.CommitAsync("acme", "mine");
        await service.CommitAsync("other", "theirs");
        await PublishedAsync(sidecar, 1);
        Assert.Equal(("other", "theirs"), (sidecar.Published[0].TenantId, sidecar.Published[0].Subject));
        await EmptyAsync(service, "other");
        Assert.Equal("mine", Assert.Single(await service.OutboxAsync("acme")).Subject);
    }

    [Fact]
    public async Task An_event_carries_the_trace_of_what_caused_it()
    {
        await using var sidecar = new FakeSidecar();
        await sidecar.StartAsync();
        await using var service = await SmallService.StartAsync(sidecar.Port);
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        await service.CommitAsync("acme", "one");
        await PublishedAsync(sidecar, 1);
        Assert.Contains(activity.TraceId.ToHexString(), sidecar.Published[0].TraceParent, StringComparison.Ordinal);
    }

    private static Task PublishedAsync(FakeSidecar sidecar, int count) =>
        TestMesh.EventuallyAsync($"{count} events", () => Task.FromResult(sidecar.Published.Count >= count));

    private static Task EmptyAsync(SmallService service, string tenant) =>
        TestMesh.EventuallyAsync("an empty outbox", async () => (await service.OutboxAsync(tenant)).Count == 0);
}
