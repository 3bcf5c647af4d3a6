using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Metadata;

/// <summary>The shutdown API. A host of several apps does not go away because one of them asked: it leaves that app alone from then on.</summary>
internal sealed class Shutdown(AppDirectory apps, IHostApplicationLifetime life, ILogger<Shutdown> log)
{
    public void Request(AppRuntime app)
    {
        log.LogInformation("{App} asked its sidecar to shut down", app.AppId);
        if (apps.Apps.Count == 1)
            life.StopApplication();
        else
            app.ApiReady = app.Started = false;
    }
}
