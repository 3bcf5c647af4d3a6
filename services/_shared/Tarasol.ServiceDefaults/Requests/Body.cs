using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Requests;

/// <summary>
/// A JSON request body that is checked before the use case runs. Everything that is wrong is told at once, field by field: unknown and missing
/// fields, wrong types and enum values, DataAnnotations limits, and the request's own <see cref="IValidated"/> rules.
/// </summary>
/// <typeparam name="T">The request record.</typeparam>
public sealed record Body<T>(T Value) : IEndpointParameterMetadataProvider where T : class
{
    /// <summary>Called by ASP.NET Core. Throws <see cref="ProblemException"/> with 400, 413 or 415.</summary>
    public static async ValueTask<Body<T>> BindAsync(HttpContext context) => new((await ReadAsync(context)).Value);

    /// <summary>The checked request, and the names of the members that were given.</summary>
    internal static async Task<(T Value, IReadOnlyList<string> Members)> ReadAsync(HttpContext context)
    {
        if (!context.Request.HasJsonContentType())
            throw CommonProblems.NotJson.Exception();

        using var document = await ParseAsync(context);
        var json = context.RequestServices.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
        var errors = new Errors();
        BodyCheck.Check(document.RootElement, json.GetTypeInfo(typeof(T)), "", errors);
        errors.ThrowIfAny();
        var value = document.RootElement.Deserialize<T>(json)!;
        (value as IValidated)?.Validate(errors);
        errors.ThrowIfAny();
        return (value, [.. document.RootElement.EnumerateObject().Select(member => member.Name)]);
    }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));

    private static async Task<JsonDocument> ParseAsync(HttpContext context)
    {
        try
        {
            return await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        }
        catch (JsonException malformed)
        {
            throw CommonProblems.MalformedJson.Exception((malformed.LineNumber ?? 0) + 1, (malformed.BytePositionInLine ?? 0) + 1);
        }
    }
}

/// <summary>A request with rules that concern several fields.</summary>
public interface IValidated
{
    /// <summary>Adds what is wrong. Called only when every single field is well formed.</summary>
    void Validate(Errors errors);
}
