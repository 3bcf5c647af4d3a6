using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace Tarasol.ServiceDefaults.Requests;

/// <summary>
/// A JSON merge patch (RFC 7396) that is checked as <see cref="Body{T}"/> checks a body: a member that is not there leaves its field as it is, null takes its value away.
/// </summary>
/// <typeparam name="T">The request record; all its members are optional.</typeparam>
/// <param name="Value">The members that were given; the others are null.</param>
/// <param name="Given">Names of the members that were given, as the API spells them.</param>
public sealed record Patch<T>(T Value, IReadOnlySet<string> Given) : IEndpointParameterMetadataProvider where T : class
{
    /// <summary>Called by ASP.NET Core. Throws <see cref="Problems.ProblemException"/> with 400, 413 or 415.</summary>
    public static async ValueTask<Patch<T>> BindAsync(HttpContext context)
    {
        var (value, members) = await Body<T>.ReadAsync(context);
        return new(value, members.Select(JsonNamingPolicy.CamelCase.ConvertName).ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));
}
