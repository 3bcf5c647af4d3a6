using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Localization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Prometheus;
using Serilog;
using Serilog.Events;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Hosting;
using Tarasol.ServiceDefaults.Logging;
using Tarasol.ServiceDefaults.OpenApi;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.ServiceDefaults;

/// <summary>What no service may vary: logging, metrics, tracing, health, token validation, problem details, limits, Dapr wiring.</summary>
public static class TarasolService
{
    private static readonly CultureInfo[] Cultures = [new("en"), new("ar")];

    /// <summary>Adds the defaults. <paramref name="appId"/> is the Dapr app-id.</summary>
    public static WebApplicationBuilder AddTarasolService(this WebApplicationBuilder builder, string appId)
    {
        var services = builder.Services;
        var sidecar = SidecarAddress.From(builder.Configuration);
        services.AddSingleton(sidecar);
        services.AddSingleton(new ServiceIdentity(appId));
        services.TryAddSingleton(TimeProvider.System);
        services.AddTransient<SidecarTokenHandler>();
        services.AddHostedService<StopWithParent>();

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyLimit.Default;
        });
        var level = Enum.TryParse<LogEventLevel>(builder.Configuration["TARASOL_LOG_LEVEL"], ignoreCase: true, out var wanted) ? wanted : LogEventLevel.Information;
        services.AddSerilog(log => log
            .MinimumLevel.Is(level)
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            .MinimumLevel.Override("System", LogEventLevel.Warning)
            .MinimumLevel.Override("Microsoft.Hosting.Lifetime", level > LogEventLevel.Information ? level : LogEventLevel.Information)
            // Whoever asks for health gets the answer; a line for each time it was not ready yet would bury the rest.
            .MinimumLevel.Override("Microsoft.Extensions.Diagnostics.HealthChecks", LogEventLevel.Fatal)
            // It tells every step of every token request at this level.
            .MinimumLevel.Override("OpenIddict", LogEventLevel.Warning)
            .MinimumLevel.Override("Yarp", LogEventLevel.Warning)
            .WriteTo.Console(new EcsFormatter(appId)), preserveStaticLogger: true);
        services.AddTracing(builder.Configuration, appId);
        services.AddHealthChecks();
        services.AddProblems();
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options => Configure(options.SerializerOptions));
        services.AddApiDocument(appId);
        services.AddTokenValidation(builder.Configuration);
        services.AddDaprClient(dapr => dapr
            .UseHttpEndpoint(sidecar.Http.ToString().TrimEnd('/'))
            .UseGrpcEndpoint(sidecar.Grpc.ToString().TrimEnd('/'))
            .UseDaprApiToken(sidecar.ApiToken));
        services.Configure<RequestLocalizationOptions>(options =>
        {
            options.DefaultRequestCulture = new RequestCulture("en");
            options.SupportedCultures = [CultureInfo.InvariantCulture];
            options.SupportedUICultures = Cultures;
            options.RequestCultureProviders = [new AcceptLanguageHeaderRequestCultureProvider()];
        });
        return builder;
    }

    /// <summary>Adds the middleware, <c>/healthz</c>, <c>/metrics</c> and <c>/openapi/v1.json</c>. Call it before mapping the features.</summary>
    /// <param name="app">The service.</param>
    /// <param name="behindSidecar">False only for the gateway, which people's apps call directly.</param>
    public static WebApplication UseTarasolService(this WebApplication app, bool behindSidecar = true)
    {
        app.UseRequestLocalization();
        app.UseProblems();
        app.RefuseNulInQuery();
        if (behindSidecar)
            app.UseMiddleware<AppTokenMiddleware>();
        app.UseHttpMetrics();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealthChecks("/healthz", InstanceHealth.Options(app.Configuration)).AllowAnonymous();
        app.MapMetrics().AllowAnonymous();
        app.MapOpenApi().AllowAnonymous();
        return app;
    }

    /// <summary>The JSON of the API and of events: camelCase, kebab-case enums, nulls and missing values as the records say.</summary>
    public static void Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        json.PropertyNameCaseInsensitive = true;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
    }

    private static void AddTracing(this IServiceCollection services, IConfiguration configuration, string appId)
    {
        if (string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(appId))
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddSource("Tarasol.*", "Dapr.Workflow"))
            .UseOtlpExporter();
    }
}
