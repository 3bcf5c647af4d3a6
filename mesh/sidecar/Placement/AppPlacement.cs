using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Placement;

/// <summary>
/// Which host the actors, reminders and jobs of an app live in, when several hosts have sidecars of the same app-id and share its actor state store. The store decides: the
/// first one to write its name under <c>{appid}||$place||owner</c> has them, all others pass on to it. They move when its process is dead, when its record has lapsed, or when
/// its app is away and another one's is there.
/// </summary>
internal sealed class AppPlacement(HostAddress self, IPeers peers, TimeProvider time, ILogger<AppPlacement> log) : IDisposable
{
    /// <summary>How long a look-up of another host holds.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    private readonly string _host = Guid.NewGuid().ToString("N");
    private readonly ConcurrentDictionary<IStateStore, Membership> _members = new();
    private readonly ConcurrentDictionary<string, Claim> _claims = new(StringComparer.Ordinal);
    private volatile bool _left;

    /// <summary>Called when they are not this host's any more, before another one is told so.</summary>
    public event Func<AppRuntime, Task>? Lost;

    /// <summary>Whether they may be touched here now. An app without an actor state store has none.</summary>
    public bool IsHere(AppRuntime app) => !_left && _claims.TryGetValue(app.AppId, out var claim) && claim.IsHeld;

    /// <summary>The app is there and can be called: this host wants its actors, reminders or jobs.</summary>
    public void Want(AppRuntime app, string what)
    {
        var claim = Of(app);
        lock (claim.Wanted)
            claim.Wanted.Add(what);
    }

    /// <summary>The app is gone: another host that asks for them gets them.</summary>
    public void Withdraw(AppRuntime app, string what)
    {
        if (!_claims.TryGetValue(app.AppId, out var claim))
            return;
        lock (claim.Wanted)
            claim.Wanted.Remove(what);
    }

    /// <summary>The host that has them; null: this one. Takes them when nobody has. Throws what the store throws.</summary>
    public async Task<HostRecord?> OwnerAsync(AppRuntime app, CancellationToken cancel)
    {
        if (_left)
            throw new OperationCanceledException("the host stops");
        var claim = Of(app);
        if (claim.IsHeld)
            return null;
        await claim.Gate.WaitAsync(cancel);
        try
        {
            if (claim.IsHeld)
                return null;
            if (claim.Other is { } known && time.GetElapsedTime(claim.Seen) < FreshFor)
                return known;
            while (true)
            {
                if (await TakeAsync(claim, cancel) is not { } other)
                    return null;
                if (!await YieldsAsync(claim, other, cancel))
                    return other;
            }
        }
        finally
        {
            claim.Gate.Release();
        }
    }

    /// <summary>The host that was found does not answer, or has them no more: look again.</summary>
    public void Forget(AppRuntime app)
    {
        if (_claims.TryGetValue(app.AppId, out var claim))
            claim.Other = null;
    }

    /// <summary>Another host asks for them. True: it may take them.</summary>
    public async Task<bool> YieldAsync(AppRuntime app, CancellationToken cancel)
    {
        if (!_claims.TryGetValue(app.AppId, out var claim))
            return true;
        await claim.Gate.WaitAsync(cancel);
        try
        {
            lock (claim.Wanted)
            {
                if (claim.Wanted.Count > 0)
                    return false;
            }
            if (!claim.IsHeld)
                return true;
            await LoseAsync(claim);
            await claim.Member.Store.CommitAsync([new DeleteState(OwnerKey(app))], cancel);
            return true;
        }
        finally
        {
            claim.Gate.Release();
        }
    }

    /// <summary>Gives all of them up, so that another host need not find out by itself.</summary>
    public async Task LeaveAsync(CancellationToken cancel)
    {
        _left = true;
        foreach (var (store, member) in _members)
        {
            var wasAlive = member.IsAlive;
            var record = await member.LeaveAsync();
            if (!wasAlive)
                continue;
            try
            {
                await store.CommitAsync([.. _claims.Values.Where(claim => claim.Member == member && claim.IsHeld).Select(claim => new DeleteState(OwnerKey(claim.App))), record], cancel);
            }
            catch (Exception away) when (!cancel.IsCancellationRequested)
            {
                log.LogWarning("this host could not take its name off the actor state store, it lapses by itself: {Problem}", away.Message);
            }
        }
    }

    public void Dispose()
    {
        foreach (var claim in _claims.Values)
            claim.Gate.Dispose();
        foreach (var member in _members.Values)
            member.Dispose();
    }

    private static string OwnerKey(AppRuntime app) => $"{app.AppId}||$place||owner";

    private Claim Of(AppRuntime app) => _claims.TryGetValue(app.AppId, out var claim) ? claim : _claims.GetOrAdd(app.AppId, _ =>
        new Claim(app, _members.GetOrAdd(app.ActorStateStore!, store => new Membership(store, _host, self, time, log))));

    /// <summary>Under the claim's gate. The host that has them; null: this one, from now on.</summary>
    private async Task<HostRecord?> TakeAsync(Claim claim, CancellationToken cancel)
    {
        var store = claim.Member.Store;
        while (true)
        {
            await claim.Member.JoinAsync(cancel);
            var epoch = claim.Member.Epoch;
            var found = await store.GetAsync(OwnerKey(claim.App), cancel);
            var owner = found is null ? null : Encoding.UTF8.GetString(found.Value.Span).Trim('"');
            if (owner is not null && owner != _host && await claim.Member.FindAsync(owner, cancel) is { } other)
            {
                if (claim.Held)
                    await LoseAsync(claim);
                (claim.Other, claim.Seen) = (other, time.GetTimestamp());
                return other;
            }
            // What is in memory here is what is in the store only if nobody else had it since: then our name still stands there.
            if (claim.Held && owner != _host)
                await LoseAsync(claim);
            try
            {
                // Also where our name stands already: whoever took this host for dead just now finds the etag changed.
                await store.CommitAsync([new SetState(OwnerKey(claim.App), Encoding.UTF8.GetBytes($"\"{_host}\""), found?.ETag, Concurrency.FirstWrite, IsText: true)], cancel);
            }
            catch (ETagMismatchException)
            {
                continue;
            }
            (claim.Held, claim.Epoch, claim.Other) = (true, epoch, null);
            if (owner is not null && owner != _host)
                log.LogInformation("The actors, reminders and jobs of {App} are this host's now: the one that had them is gone", claim.App.AppId);
            return null;
        }
    }

    private async Task LoseAsync(Claim claim)
    {
        claim.Held = false;
        log.LogWarning("The actors, reminders and jobs of {App} are not this host's any more", claim.App.AppId);
        foreach (var handler in Lost?.GetInvocationList().Cast<Func<AppRuntime, Task>>() ?? [])
            await handler(claim.App);
    }

    /// <summary>Asks a live host whose app may be away, if ours is there.</summary>
    private async Task<bool> YieldsAsync(Claim claim, HostRecord other, CancellationToken cancel)
    {
        lock (claim.Wanted)
        {
            if (claim.Wanted.Count == 0 || (claim.Asked != 0 && time.GetElapsedTime(claim.Asked) < AskAgainAfter))
                return false;
        }
        claim.Asked = time.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(AnswerWithin);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("placement/yield", UriKind.Relative));
            using var response = await peers.CallSidecarAtAsync(other.Address, claim.App.AppId, request, limit.Token);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogDebug("The host of {App}, {Other}, did not answer: {Problem}", claim.App.AppId, other, failure.Message);
            return false;
        }
    }

    /// <summary>Changed under its gate.</summary>
    private sealed class Claim(AppRuntime app, Membership member)
    {
        private volatile bool _held;
        private volatile int _epoch;
        private volatile HostRecord? _other;

        public AppRuntime App => app;

        public Membership Member => member;

        public SemaphoreSlim Gate { get; } = new(1);

        /// <summary>What the app of this host is there for.</summary>
        public HashSet<string> Wanted { get; } = [];

        /// <summary>Our name was written, and no other has been seen since.</summary>
        public bool Held { get => _held; set => _held = value; }

        public int Epoch { get => _epoch; set => _epoch = value; }

        public bool IsHeld => Held && member.IsAlive && Epoch == member.Epoch;

        public HostRecord? Other { get => _other; set => _other = value; }

        public long Seen { get; set; }

        public long Asked { get; set; }
    }
}
