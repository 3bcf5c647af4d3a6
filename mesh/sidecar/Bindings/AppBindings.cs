using System.Collections.Concurrent;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Diagnostics;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Resiliency;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Bindings;

/// <summary>Input bindings in the life of an app: read while it accepts connections, those that it wants.</summary>
internal sealed class AppBindings(BindingsApi bindings, StateApi states, IResiliency resiliency, SidecarMetrics metrics, TimeProvider time, ILogger<AppBindings> log) : IAppPart
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly Dictionary<string, string> NoMetadata = [];

    private readonly ConcurrentDictionary<string, (CancellationTokenSource Stop, List<Task> Reading)> running = new();

    public async Task StartAsync(AppRuntime app, CancellationToken cancel)
    {
        if (app.Channel is not { } channel)
            return;
        var inputs = app.Components.All.Where(component => component.Instance is IInputBinding && BindingDirection.Allows(component.Spec, "input")).ToList();
        if (inputs.Count == 0)
            return;
        IBindingSink sink = app.Grpc is { } grpc ? new GrpcBindingSink(grpc) : new HttpBindingSink(channel);
        var stop = new CancellationTokenSource();
        var reading = new List<Task>();
        running[app.AppId] = (stop, reading);
        foreach (var (spec, instance) in inputs)
        {
            var input = new Input(app, spec, (IInputBinding)instance, sink);
            // An app that is slow to answer must not hold up everything else: it is asked again on the side.
            var wanted = await AskAsync(input, cancel);
            reading.Add(Task.Run(() => RunAsync(input, wanted, stop.Token), CancellationToken.None));
        }
    }

    public async Task StopAsync(AppRuntime app, CancellationToken cancel)
    {
        if (!running.TryRemove(app.AppId, out var run))
            return;
        await run.Stop.CancelAsync();
        await Task.WhenAll(run.Reading).WaitAsync(cancel);
        run.Stop.Dispose();
    }

    private async Task RunAsync(Input input, bool? wanted, CancellationToken stop)
    {
        try
        {
            for (var wait = AskAgain; wanted is null; wait = wait * 2 > LongestWait ? LongestWait : wait * 2)
            {
                await Task.Delay(wait, time, stop);
                wanted = await AskAsync(input, stop);
            }
            if (wanted is false)
            {
                log.LogInformation("{App} has not subscribed to binding {Binding}", input.App.AppId, input.Name);
                return;
            }
            log.LogInformation("{App}: reading from binding {Binding}", input.App.AppId, input.Name);
            await input.Binding.ReadAsync(happened => HandleAsync(input, happened), stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The app is gone or the host stops.
        }
        catch (Exception failure)
        {
            log.LogError(failure, "{App}: reading from binding {Binding} ended", input.App.AppId, input.Name);
        }
    }

    /// <summary>Null when the app gave no answer.</summary>
    private async Task<bool?> AskAsync(Input input, CancellationToken cancel)
    {
        if (BindingDirection.Names(input.Spec, "input"))
            return true;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(input.App.Options.BindingOptionsTimeout);
        try
        {
            return await input.Sink.IsWantedAsync(input.Name, input.Route, limit.Token);
        }
        catch (Exception failure) when (!cancel.IsCancellationRequested && failure is HttpRequestException or OperationCanceledException)
        {
            log.LogWarning("{App} could not be asked whether it wants binding {Binding} and will be asked again: {Problem}", input.App.AppId, input.Name, failure.Message);
            return null;
        }
    }

    private async Task HandleAsync(Input input, BindingEvent happened)
    {
        using var measured = metrics.InputBinding(input.App, input.Name);
        try
        {
            var policy = resiliency.ComponentInbound(input.App.AppId, input.Name, ResiliencyComponentType.Binding);
            var asked = await input.Sink.DeliverAsync(input.Name, input.Route, happened, policy, CancellationToken.None);
            measured.Succeeded();
            if (asked is { } answer)
                await FollowAsync(input.App, answer);
        }
        catch (BindingException failure)
        {
            log.LogWarning("{App} did not take an event of binding {Binding}: {Problem}", input.App.AppId, input.Name, failure.Message);
            throw;
        }
    }

    /// <summary>The event is handled by now: what fails here is logged, not the event's failure.</summary>
    private async Task FollowAsync(AppRuntime app, BindingAnswer answer)
    {
        try
        {
            if (answer.State.Count > 0)
                await states.SaveAsync(app, answer.StoreName, answer.State, CancellationToken.None);
            if (answer.Parallel)
            {
                await Task.WhenAll(answer.To.Select(name => bindings.InvokeAsync(app, name, "create", answer.Data, NoMetadata, CancellationToken.None)));
                return;
            }
            foreach (var name in answer.To)
                await bindings.InvokeAsync(app, name, "create", answer.Data, NoMetadata, CancellationToken.None);
        }
        catch (Exception failure) when (failure is BindingException or DaprException)
        {
            log.LogError("{App}: what it answered to a binding's event could not be done: {Problem}", app.AppId, failure.Message);
        }
    }

    private sealed record Input(AppRuntime App, ComponentSpec Spec, IInputBinding Binding, IBindingSink Sink)
    {
        public string Name => Spec.Name;

        public string Route { get; } = Spec.Metadata.GetValueOrDefault("route") is { Length: > 0 } given ? given : Spec.Name;
    }
}
