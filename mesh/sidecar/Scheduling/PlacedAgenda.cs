using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tarasol.Sidecar.Hosting;
using Tarasol.Sidecar.Invocation;
using Tarasol.Sidecar.Placement;

namespace Tarasol.Sidecar.Scheduling;

/// <summary>
/// An app's agenda in this host or in the one that has it. Between hosts, below <see cref="HostProtocol.Root"/>; 410: not kept here (any more):
/// <code>
/// POST {app}/agenda/schedule   JobChange; 200, 409: it exists
/// POST {app}/agenda/delete     JobFilter; 200
/// POST {app}/agenda/list       JobFilter; 200 [ScheduledJob, ...]
/// POST {app}/placement/yield   200: take them, the app is not here; 409: it is
/// </code>
/// </summary>
internal sealed class PlacedAgenda(AppRuntime app, JobSchedulers schedulers, AppPlacement placement, IPeers peers, TimeProvider time) : IAgenda
{
    /// <summary>How long an agenda that moves is looked for.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public Task ScheduleAsync(JobKey key, ScheduledJob? job, bool overwrite) => RunAsync(
        async here =>
        {
            await here.ScheduleAsync(key, job, overwrite);
            return true;
        },
        async there =>
        {
            using var answer = await SendAsync(there, "agenda/schedule", new JobChange(key, job, overwrite), JobJson.Default.JobChange);
            return answer.StatusCode == HttpStatusCode.Conflict ? throw new JobExistsException(key) : await CheckAsync(there, answer);
        });

    public Task DeleteAsync(JobFilter filter) => RunAsync(
        async here =>
        {
            await here.DeleteAsync(filter.Kind, filter.Matches);
            return true;
        },
        async there =>
        {
            using var answer = await SendAsync(there, "agenda/delete", filter, JobJson.Default.JobFilter);
            return await CheckAsync(there, answer);
        });

    public Task<IReadOnlyList<ScheduledJob>> ListAsync(JobFilter filter) => RunAsync<IReadOnlyList<ScheduledJob>>(
        here => Task.FromResult(here.List(filter.Kind, filter.Matches)),
        async there =>
        {
            using var answer = await SendAsync(there, "agenda/list", filter, JobJson.Default.JobFilter);
            await CheckAsync(there, answer);
            return await JsonSerializer.DeserializeAsync(await answer.Content.ReadAsStreamAsync(), JobJson.Default.ListScheduledJob) ?? [];
        });

    public static void Map(IEndpointRouteBuilder routes)
    {
        MapPost(routes, "agenda/schedule", JobJson.Default.JobChange, async (scheduler, change) =>
        {
            try
            {
                await scheduler.ScheduleAsync(change.Key, change.Job, change.Overwrite);
                return Results.Ok();
            }
            catch (JobExistsException)
            {
                return Results.StatusCode(StatusCodes.Status409Conflict);
            }
        });
        MapPost(routes, "agenda/delete", JobJson.Default.JobFilter, async (scheduler, filter) =>
        {
            await scheduler.DeleteAsync(filter.Kind, filter.Matches);
            return Results.Ok();
        });
        MapPost(routes, "agenda/list", JobJson.Default.JobFilter, (scheduler, filter) =>
            Task.FromResult(Results.Json(scheduler.List(filter.Kind, filter.Matches).ToList(), JobJson.Default.ListScheduledJob)));
        routes.MapPost(HostProtocol.Route("placement/yield"), async (string app, AppDirectory apps, AppPlacement placement, CancellationToken cancel) =>
            apps.Find(app) is not { ActorStateStore: not null } runtime || await placement.YieldAsync(runtime, cancel) ? Results.Ok() : Results.StatusCode(StatusCodes.Status409Conflict));
    }

    private static void MapPost<T>(IEndpointRouteBuilder routes, string path, JsonTypeInfo<T> type, Func<JobScheduler, T, Task<IResult>> handle) where T : class =>
        routes.MapPost(HostProtocol.Route(path), async (HttpRequest request, string app, AppDirectory apps, AppPlacement placement, JobSchedulers schedulers) =>
        {
            try
            {
                // Only when it is here already: the caller has looked, and two hosts must not send each other in a circle.
                return apps.Find(app) is { ActorStateStore: not null } runtime && placement.IsHere(runtime) && await schedulers.HereAsync(runtime) is { } scheduler
                    && await JsonSerializer.DeserializeAsync(request.Body, type, request.HttpContext.RequestAborted) is { } message
                    ? await handle(scheduler, message)
                    : Results.StatusCode(StatusCodes.Status410Gone);
            }
            catch (AgendaMovedException)
            {
                return Results.StatusCode(StatusCodes.Status410Gone);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                return Results.Text(failure.Message, statusCode: StatusCodes.Status500InternalServerError);
            }
        });

    private async Task<T> RunAsync<T>(Func<JobScheduler, Task<T>> here, Func<HostRecord, Task<T>> there)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            try
            {
                if (await placement.OwnerAsync(app, CancellationToken.None) is { } owner)
                    return await there(owner);
                if (await schedulers.HereAsync(app) is { } scheduler)
                    return await here(scheduler);
            }
            catch (AgendaMovedException) when (!schedulers.IsStopping && time.GetElapsedTime(since) < Patience)
            {
                // Looked for anew.
            }
            await Task.Delay(Pause, time);
        }
    }

    private async Task<HttpResponseMessage> SendAsync<T>(HostRecord there, string path, T message, JsonTypeInfo<T> type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(message, type)) };
        try
        {
            return await peers.CallSidecarAtAsync(there.Address, app.AppId, request, CancellationToken.None);
        }
        catch (HttpRequestException)
        {
            placement.Forget(app);
            throw new AgendaMovedException();
        }
    }

    private async Task<bool> CheckAsync(HostRecord there, HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode)
            return true;
        if (answer.StatusCode == HttpStatusCode.Gone)
        {
            placement.Forget(app);
            throw new AgendaMovedException();
        }
        throw new IOException(answer.StatusCode == HttpStatusCode.Unauthorized ? Closed(app.AppId, there) : await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Two hosts of one app-id can pass on to one another only by a shared name resolution.</summary>
    public static string Closed(string appId, HostRecord there) =>
        $"the actors, reminders and jobs of {appId} are kept by another host ({there}), which does not let this one in: give both the same nameResolution in their configuration";
}
