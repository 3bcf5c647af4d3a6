using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tarasol.ServiceDefaults.Hosting;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Auth;

/// <summary>
/// Asks identity for the whole list at start, before the first token is taken, and then every half minute: an event goes to one instance of a service only, and those that
/// went out before this one was there went past it.
/// </summary>
internal sealed class RevocationFeed(RevokedTokens revoked, IHttpClientFactory clients, ServiceToken token, SidecarAddress sidecar, TimeProvider time, ILogger<RevocationFeed> log)
    : BackgroundService
{
    public const string Client = "revocations";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private readonly Lock gate = new();
    private Task? first;

    /// <summary>Waits until the list is known. Throws a problem with 503 when identity does not answer.</summary>
    public Task EnsureAsync()
    {
        lock (gate)
        {
            if (first is null or { IsFaulted: true })
                first = FirstAsync();
            return first;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wait = FirstWait;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await EnsureAsync().WaitAsync(stoppingToken);
                await Task.Delay(Every, time, stoppingToken);
                await LoadAsync(stoppingToken);
                revoked.Prune();
                wait = FirstWait;
            }
            catch (Exception failed) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning("The list of revoked tokens cannot be read from identity yet: {Reason}", failed.InnerException?.Message ?? failed.Message);
                await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                wait = wait * 2 < Every ? wait * 2 : Every;
            }
        }
    }

    private async Task FirstAsync()
    {
        try
        {
            await LoadAsync(CancellationToken.None);
        }
        catch (Exception failed)
        {
            throw new ProblemException(CommonProblems.Unavailable.Details("identity"), failed);
        }
    }

    private async Task LoadAsync(CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(sidecar.Invoke("identity"), "internal/revocations"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await token.GetAsync(cancel));
        using var answer = await clients.CreateClient(Client).SendAsync(request, cancel);
        answer.EnsureSuccessStatusCode();
        foreach (var revocation in await answer.Content.ReadFromJsonAsync<List<Revocation>>(cancel) ?? [])
            revoked.Add(revocation);
    }
}
