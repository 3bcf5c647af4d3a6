using System.Net;
using System.Text;
using Tarasol.Sidecar.Components;
using Tarasol.Sidecar.Hosting;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Sidecar.Middleware;

/// <summary>One handler of a pipeline as the Configuration names it.</summary>
/// <param name="Name">Of the component.</param>
/// <param name="Type">middleware.http.something.</param>
/// <param name="Fields">Headers that must match for it to be used; empty: always.</param>
/// <param name="Source">File and line, for messages.</param>
internal sealed record PipelineHandler(string Name, string Type, IReadOnlyList<(string Field, System.Text.RegularExpressions.Regex Value)> Fields, string Source)
{
    /// <summary>The handlers of spec.httpPipeline or spec.appHttpPipeline. Throws <see cref="ConfigurationException"/>.</summary>
    public static IReadOnlyList<PipelineHandler> Read(YamlNode node, ResourceDocument document)
    {
        var handlers = new List<PipelineHandler>();
        foreach (var item in (node.Child("handlers") as YamlSequenceNode)?.Children ?? [])
        {
            var name = item.Text("name") ?? throw document.Wrong(item, "a pipeline handler has no name");
            var type = item.Text("type") ?? throw document.Wrong(item, $"the pipeline handler {name} has no type");
            var fields = new List<(string, System.Text.RegularExpressions.Regex)>();
            foreach (var field in (item.Child("selector").Child("fields") as YamlSequenceNode)?.Children ?? [])
            {
                try
                {
                    fields.Add((field.Text("field") ?? "", new(field.Text("value") ?? "", System.Text.RegularExpressions.RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))));
                }
                catch (ArgumentException wrong)
                {
                    throw document.Wrong(field, $"the selector of the pipeline handler {name} is no regular expression: {wrong.Message}");
                }
            }
            handlers.Add(new PipelineHandler(name, type, fields, document.Where(item)));
        }
        return handlers;
    }
}

/// <summary>The middlewares of one app, outermost first.</summary>
internal sealed class Pipeline(IReadOnlyList<(PipelineHandler Handler, IHttpMiddleware Middleware)> stages)
{
    /// <summary>Null when there are no handlers. Throws <see cref="ConfigurationException"/> when one has no component.</summary>
    public static Pipeline? Build(IReadOnlyList<PipelineHandler> handlers, AppRuntime app)
    {
        if (handlers.Count == 0)
            return null;
        return new Pipeline([.. handlers.Select(handler => (handler, app.Components.Find<IHttpMiddleware>(handler.Name) is { } found && found.Spec.Type == handler.Type
            ? found.Instance
            : throw new ConfigurationException($"{handler.Source}: {app.AppId} has no component {handler.Name} of type {handler.Type} for its pipeline")))]);
    }

    /// <summary>Around the sidecar's HTTP API.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = new MiddlewareRequest(context.Request.Method, ApiPath.Raw(context), ApiPath.RawQuery(context), context.Connection.RemoteIpAddress?.ToString(),
            name => context.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null, (name, value) => context.Request.Headers.Append(name, value));
        var (path, query) = (request.Path, request.Query);
        if (await RunAsync(request, context.RequestAborted) is { } answer)
        {
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.ContentType;
            foreach (var (name, value) in answer.Headers)
                context.Response.Headers[name] = value;
            await context.Response.WriteAsync(answer.Body, context.RequestAborted);
            return;
        }
        if (request.Path != path || request.Query != query)
            ApiPath.Rewrite(context, request.Path, request.Query);
        await next(context);
    }

    /// <summary>Before a call into the app; the answer, when a middleware gives one.</summary>
    public async Task<HttpResponseMessage?> InvokeAsync(HttpRequestMessage message, CancellationToken cancel)
    {
        var target = message.RequestUri?.OriginalString ?? "/";
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var request = new MiddlewareRequest(message.Method.Method, mark < 0 ? target : target[..mark], mark < 0 ? "" : target[mark..], null,
            name => message.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null, (name, value) => message.Headers.TryAddWithoutValidation(name, value));
        if (await RunAsync(request, cancel) is { } answer)
        {
            var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = new StringContent(answer.Body, Encoding.UTF8) };
            response.Content.Headers.Remove("Content-Type");
            response.Content.Headers.TryAddWithoutValidation("Content-Type", answer.ContentType);
            foreach (var (name, value) in answer.Headers)
                response.Headers.TryAddWithoutValidation(name, value);
            return response;
        }
        message.RequestUri = new Uri(request.Path + request.Query, UriKind.Relative);
        return null;
    }

    private async ValueTask<MiddlewareAnswer?> RunAsync(MiddlewareRequest request, CancellationToken cancel)
    {
        foreach (var (handler, middleware) in stages)
        {
            if (handler.Fields.All(field => request.Header(field.Field) is { } value && field.Value.IsMatch(value)) && await middleware.HandleAsync(request, cancel) is { } answer)
                return answer;
        }
        return null;
    }
}
