namespace Tarasol.Sidecar.Middleware;

/// <summary>One middleware.http component: looks at a request of the sidecar's API or on its way to the app, may change its address, may answer it.</summary>
internal interface IHttpMiddleware
{
    /// <summary>Null: the request goes on.</summary>
    ValueTask<MiddlewareAnswer?> HandleAsync(MiddlewareRequest request, CancellationToken cancel);
}

/// <summary>What a middleware may see and change of a request.</summary>
internal sealed class MiddlewareRequest(string method, string path, string query, string? remoteAddress, Func<string, string?> header, Action<string, string> addHeader)
{
    public string Method { get; } = method;

    /// <summary>As written in the request line, without the query.</summary>
    public string Path { get; set; } = path;

    /// <summary>With its question mark, or empty.</summary>
    public string Query { get; set; } = query;

    public string? RemoteAddress { get; } = remoteAddress;

    public string? Header(string name) => header(name);

    /// <summary>Beside those of that name that are there.</summary>
    public void AddHeader(string name, string value) => addHeader(name, value);
}

internal sealed record MiddlewareAnswer(int Status, string Body, string ContentType = "text/plain; charset=utf-8")
{
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];
}
