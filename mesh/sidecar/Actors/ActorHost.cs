using System.Net;
using System.Net.Http.Headers;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;
using Tarasol.Sidecar.Scheduling;

namespace Tarasol.Sidecar.Actors;

/// <summary>The actors of one app: which types it hosts while it is up, which actors are active, and every call into them.</summary>
/// <param name="app">Whose actors.</param>
/// <param name="isHere">Whether the app's actors live in this host now, and not in another one with the same app.</param>
/// <param name="resiliency">Policies.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed class ActorHost(AppRuntime app, Func<bool> isHere, IResiliency resiliency, TimeProvider time, ILogger log) : IDisposable
{
    private const string ErrorHeader = "X-DaprErrorResponseHeader";
    private const string CancelHeader = "X-DaprReminderCancel";

    /// <summary>For an app that is told of actors that it has lost.</summary>
    private static readonly TimeSpan LetGoWithin = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<ActorRef, Actor> _actors = [];
    private IReadOnlyDictionary<string, ActorTypeOptions> _types = new Dictionary<string, ActorTypeOptions>();
    private CancellationTokenSource _life = new();

    public AppRuntime App => app;

    /// <summary>Not in another host of the same app.</summary>
    public bool IsHere => isHere();

    /// <summary>Empty while the app is away.</summary>
    public IReadOnlyDictionary<string, ActorTypeOptions> Types => _types;

    /// <summary>The app has been asked what it hosts, and has not gone since.</summary>
    public bool Ready { get; private set; }

    public ActorTimers Timers => field ??= new ActorTimers(this, time, log);

    public bool IsActive(ActorRef id)
    {
        lock (_gate)
            return _actors.TryGetValue(id, out var actor) && actor.Active;
    }

    public IReadOnlyDictionary<string, int> ActiveCounts()
    {
        lock (_gate)
            return _types.Keys.ToDictionary(type => type, type => _actors.Values.Count(actor => actor.Active && actor.Id.Type == type));
    }

    public void Dispose() => _life.Dispose();

    public void Start(IReadOnlyDictionary<string, ActorTypeOptions> types)
    {
        lock (_gate)
        {
            _life = new CancellationTokenSource();
            _types = types;
            Ready = true;
        }
    }

    /// <summary>
    /// No new calls. Calls that wait for their turn go back to look for the actor's new host; calls under way have the type's drain time, then they are cut off.
    /// Every active actor is told that it is deactivated, as far as the app can still hear it.
    /// </summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        List<Actor> actors;
        CancellationTokenSource life;
        lock (_gate)
        {
            life = _life;
            actors = [.. _actors.Values];
            _types = new Dictionary<string, ActorTypeOptions>();
            Ready = false;
            _actors.Clear();
        }
        Timers.Clear();
        var moved = new ActorMovedException();
        foreach (var actor in actors)
        {
            actor.Idle?.Dispose();
            actor.Turns.Close(moved);
        }
        await Task.WhenAll(actors.Select(actor => DrainAsync(actor, life, cancel)));
        await life.CancelAsync();
        await DeactivateAsync(actors, cancel);
    }

    /// <summary>Another host has the app's actors now: whatever they do here is cut off, and the app is told.</summary>
    public async Task LetGoAsync()
    {
        List<Actor> actors;
        CancellationTokenSource life;
        lock (_gate)
        {
            (life, _life) = (_life, new CancellationTokenSource());
            actors = [.. _actors.Values];
            _actors.Clear();
        }
        Timers.Clear();
        var moved = new ActorMovedException();
        foreach (var actor in actors)
        {
            actor.Idle?.Dispose();
            actor.Turns.Close(moved);
        }
        await life.CancelAsync();
        using var limit = new CancellationTokenSource(LetGoWithin, time);
        await DeactivateAsync(actors, limit.Token);
    }

    /// <summary>Calls a method in the actor's turn.</summary>
    /// <exception cref="ActorMovedException">Its type is not (any more) hosted here.</exception>
    /// <exception cref="DaprException">The app did not answer 200, or the call chain is too deep.</exception>
    public async Task<ActorAnswer> InvokeAsync(ActorRef id, ActorCall call, string callerAppId, CancellationToken cancel)
    {
        using var turn = Enter(id, call.ReentrancyId);
        await turn.StartAsync(cancel);
        using var request = Request(HttpMethod.Put, turn, ["actors", id.Type, id.Id, "method", .. call.Method.Split('/')], call.Body, call.ContentType, call.Query);
        foreach (var (name, value) in call.Headers)
        {
            if (!name.Equals(ActorCall.ReentrancyHeader, StringComparison.OrdinalIgnoreCase))
                request.Headers.TryAddWithoutValidation(name, value);
        }
        request.Headers.TryAddWithoutValidation("dapr-caller-app-id", callerAppId);
        try
        {
            // The caller may hang up; the app goes on, and so does the turn.
            using var response = await app.Channel!.SendAsync(request, turn.Life);
            var body = await response.Content.ReadAsByteArrayAsync(turn.Life);
            if (response.StatusCode == HttpStatusCode.NotFound)
                throw ActorErrors.Invoke($"actor method not found: actors/{id.Type}/{id.Id}/method/{call.Method}");
            if (response.StatusCode != HttpStatusCode.OK)
                throw ActorErrors.Invoke($"error from actor service: ({(int)response.StatusCode}) {System.Text.Encoding.UTF8.GetString(body)}");
            var headers = response.Headers.Concat(response.Content.Headers.Where(header => header.Key is not ("Content-Type" or "Content-Length")))
                .Where(header => ActorCall.IsForwarded(header.Key) && header.Key is not "Date")
                .SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key, value));
            return new ActorAnswer([.. headers], response.Content.Headers.ContentType?.ToString(), body);
        }
        catch (HttpRequestException e)
        {
            throw ActorErrors.Invoke($"the app of actor type {id.Type} could not be reached: {e.Message}");
        }
        catch (OperationCanceledException) when (turn.Life.IsCancellationRequested)
        {
            throw ActorErrors.Invoke(turn.TimedOut ? $"the app of actor type {id.Type} did not answer within {turn.Timeout}, the timeout of its resiliency policy" :
                $"the call was cut off: the app of actor type {id.Type} or its sidecar stops");
        }
    }

    /// <summary>Delivers a timer or reminder in the actor's turn.</summary>
    /// <param name="kind">"timer" or "remind".</param>
    public async Task<Delivery> CallBackAsync(ActorRef id, string kind, string name, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        ActorTurn? turn = null;
        try
        {
            turn = Enter(id, null);
            await turn.StartAsync(cancel);
            using var request = Request(HttpMethod.Put, turn, ["actors", id.Type, id.Id, "method", kind, name], body, "application/json", "");
            using var response = await app.Channel!.SendAsync(request, turn.Life);
            var text = await response.Content.ReadAsStringAsync(turn.Life);
            if (response.StatusCode != HttpStatusCode.OK || response.Headers.Contains(ErrorHeader))
            {
                log.LogError("{Kind} {Name} of actor {Actor}: error from actor service: ({Status}) {Body}", kind, name, id, (int)response.StatusCode, text);
                return Delivery.Failed;
            }
            return response.Headers.TryGetValues(CancelHeader, out var cancels) && IsTrue(cancels.First()) ? Delivery.Cancel : Delivery.Done;
        }
        catch (ActorMovedException)
        {
            return Delivery.Away;
        }
        catch (OperationCanceledException) when (turn is { TimedOut: true })
        {
            log.LogError("{Kind} {Name} of actor {Actor}: no answer within {Timeout}, the timeout of its resiliency policy", kind, name, id, turn.Timeout);
            return Delivery.Failed;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Delivery.Away;
        }
        catch (HttpRequestException e)
        {
            log.LogWarning("{Kind} {Name} of actor {Actor} is tried again: the app could not be reached: {Problem}", kind, name, id, e.Message);
            return Delivery.Later;
        }
        finally
        {
            turn?.Dispose();
        }
    }

    private static bool IsTrue(string value) => value.Trim().ToUpperInvariant() is "Y" or "YES" or "TRUE" or "T" or "ON" or "1";

    private static HttpRequestMessage Request(
        HttpMethod method, ActorTurn turn, IEnumerable<string> path, ReadOnlyMemory<byte> body, string? contentType, string query)
    {
        var uri = ActorNames.AppPath(path);
        var request = new HttpRequestMessage(method, query.Length == 0 ? uri : new Uri(uri.OriginalString + query, UriKind.Relative)) { Content = new ReadOnlyMemoryContent(body) };
        if (contentType is not null)
            request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        if (turn.Chain is not null)
            request.Headers.TryAddWithoutValidation(ActorCall.ReentrancyHeader, turn.Chain);
        return request;
    }

    // ---- turns, activation, idleness ----

    private ActorTurn Enter(ActorRef id, string? chain)
    {
        lock (_gate)
        {
            if (!_types.TryGetValue(id.Type, out var options) || !isHere())
                throw new ActorMovedException();
            if (!_actors.TryGetValue(id, out var actor))
                _actors[id] = actor = new Actor(id, options);
            chain = options.Reentrancy ? chain ?? Guid.NewGuid().ToString() : null;
            try
            {
                return new ActorTurn(this, actor, actor.Turns.Enter(chain), chain, _life.Token);
            }
            catch (StackTooDeepException)
            {
                throw ActorErrors.StackTooDeep();
            }
        }
    }

    private TimeSpan? TurnTimeout(string type) => resiliency.ActorUnderLock(app.AppId, type).Timeout;

    private CancellationTokenSource Limit(TimeSpan timeout) => new(timeout, time);

    private void Touch(Actor actor)
    {
        lock (_gate)
        {
            actor.IdleAt = time.GetUtcNow() + actor.Options.IdleTimeout;
            if (actor.Idle is null && _actors.GetValueOrDefault(actor.Id) == actor)
                actor.Idle = time.CreateTimer(_ => CheckIdle(actor), null, ShortEnough(actor.Options.IdleTimeout), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A clock of .NET runs for 49 days at most.</summary>
    private static TimeSpan ShortEnough(TimeSpan wait) => wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1);

    private void CheckIdle(Actor actor)
    {
        ActorTurn turn;
        lock (_gate)
        {
            if (_actors.GetValueOrDefault(actor.Id) != actor)
                return;
            var left = actor.IdleAt - time.GetUtcNow();
            if (left > TimeSpan.Zero || !actor.Turns.IsIdle)
            {
                actor.Idle?.Change(ShortEnough(left > TimeSpan.Zero ? left : actor.Options.IdleTimeout), Timeout.InfiniteTimeSpan);
                return;
            }
            // A turn of its own: a call that comes now waits until the app has let go, and activates the actor anew.
            turn = new ActorTurn(this, actor, actor.Turns.Enter(null), null, _life.Token);
            actor.Idle?.Dispose();
            actor.Idle = null;
        }
        _ = Task.Run(async () =>
        {
            using (turn)
            {
                Timers.Drop(actor.Id);
                actor.Active = false;
                await DeactivateAsync(actor, turn.Life);
            }
        });
    }

    private void ForgetInactive(Actor actor)
    {
        lock (_gate)
        {
            if (actor.Turns.IsIdle && !actor.Active && _actors.GetValueOrDefault(actor.Id) == actor)
                _actors.Remove(actor.Id);
        }
    }

    private async Task DeactivateAsync(IEnumerable<Actor> actors, CancellationToken cancel)
    {
        var gone = false;
        await Parallel.ForEachAsync(actors.Where(actor => actor.Active), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = CancellationToken.None }, async (actor, _) =>
        {
            if (!gone && !cancel.IsCancellationRequested)
                gone |= !await DeactivateAsync(actor, cancel);
        });
    }

    /// <returns>False: the app cannot be reached.</returns>
    private async Task<bool> DeactivateAsync(Actor actor, CancellationToken cancel)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, ActorNames.AppPath("actors", actor.Id.Type, actor.Id.Id));
            using var response = await app.Channel!.SendAsync(request, cancel);
            if (response.StatusCode != HttpStatusCode.OK)
                log.LogWarning("Actor {Actor} of {App}: the app answered its deactivation with {Status}", actor.Id, app.AppId, (int)response.StatusCode);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task DrainAsync(Actor actor, CancellationTokenSource life, CancellationToken cancel)
    {
        var patience = actor.Options.Drain ? actor.Options.DrainTimeout : TimeSpan.Zero;
        using var drained = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(drained.Token, cancel);
        try
        {
            if (!actor.Turns.IsIdle)
                await actor.Turns.WhenIdle().WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            log.LogWarning("Actor {Actor} of {App}: a call is still under way after {Patience}; it is cut off", actor.Id, app.AppId, patience);
        }
    }

    private sealed class Actor(ActorRef id, ActorTypeOptions options)
    {
        public ActorRef Id { get; } = id;

        public ActorTypeOptions Options { get; } = options;

        public TurnQueue Turns { get; } = new(options.Reentrancy ? options.MaxStackDepth : 0);

        /// <summary>The app has had a call for it since its last deactivation.</summary>
        public bool Active { get; set; }

        public DateTimeOffset IdleAt { get; set; }

        public ITimer? Idle { get; set; }
    }

    /// <summary>A call's place in the queue of its actor; disposing gives the turn to the next.</summary>
    private sealed class ActorTurn(ActorHost host, Actor actor, Turn turn, string? chain, CancellationToken life) : IDisposable
    {
        private CancellationTokenSource? _limit;
        private CancellationTokenSource? _either;

        /// <summary>Cancelled when calls under way are cut off, and at the timeout.</summary>
        public CancellationToken Life => _either?.Token ?? life;

        /// <summary>From the resiliency policies; null: none.</summary>
        public TimeSpan? Timeout { get; } = host.TurnTimeout(actor.Id.Type);

        public bool TimedOut => _limit is { IsCancellationRequested: true } && !life.IsCancellationRequested;

        /// <summary>Sent to the app as Dapr-Reentrancy-Id; null without reentrancy.</summary>
        public string? Chain => chain;

        public async Task StartAsync(CancellationToken cancel)
        {
            await turn.Started.WaitAsync(cancel);
            if (Timeout is { } timeout && timeout > TimeSpan.Zero)
            {
                _limit = host.Limit(timeout);
                _either = CancellationTokenSource.CreateLinkedTokenSource(life, _limit.Token);
            }
            actor.Active = true;
            host.Touch(actor);
        }

        public void Dispose()
        {
            if (actor.Active)
                host.Touch(actor);
            actor.Turns.Leave(turn);
            _either?.Dispose();
            _limit?.Dispose();
            if (!actor.Active)
                host.ForgetInactive(actor);
        }
    }
}
