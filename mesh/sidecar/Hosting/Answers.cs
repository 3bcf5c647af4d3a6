using Microsoft.AspNetCore.Http.Features;

namespace Tarasol.Sidecar.Hosting;

/// <summary>Reading bodies and writing answers of the HTTP API.</summary>
internal static class Answers
{
    /// <summary>The whole body, within the body limit.</summary>
    public static async Task<byte[]> BodyAsync(this HttpRequest request)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return [];
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray();
    }

    /// <summary>200 with a body that is ready as it is; application/json unless the handler set another type.</summary>
    public static Task DataAsync(this HttpResponse response, ReadOnlyMemory<byte> data, string contentType = "application/json")
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType ??= contentType;
        response.ContentLength = data.Length;
        return response.Body.WriteAsync(data, response.HttpContext.RequestAborted).AsTask();
    }

    public static Task NoContentAsync(this HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    /// <summary>The metadata.* query parameters, first value of each, without the prefix.</summary>
    public static Dictionary<string, string> QueryMetadata(this HttpRequest request) =>
        request.Query.Where(parameter => parameter.Key.StartsWith("metadata.", StringComparison.Ordinal))
            .ToDictionary(parameter => parameter.Key["metadata.".Length..], parameter => parameter.Value[0] ?? "");
}
