using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.ServiceDefaults.OpenApi;

/// <summary>A service's OpenAPI document says what the code says: one operation for each use case, its headers and query, its errors, and who may call it.</summary>
internal static partial class ApiDocument
{
    private const string Bearer = "bearer";
    private const string ProblemSchema = "Problem";

    public static void AddApiDocument(this IServiceCollection services, string appId) => services.AddOpenApi(options =>
    {
        options.CreateSchemaReferenceId = type => OpenApiOptions.CreateDefaultSchemaReferenceId(type) is null ? null : SchemaName(type.Type);
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = appId;
            // The document is read through the gateway; where this process listens is nobody's business.
            document.Servers = [];
            document.Components ??= new();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = Bearer, BearerFormat = "JWT" };
            document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>();
            document.Components.Schemas[ProblemSchema] = ProblemOf();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            Describe(operation, context);
            return Task.CompletedTask;
        });
    });

    /// <summary>The use case's name stands before the records inside it: two of them are called Request.</summary>
    internal static string SchemaName(Type type)
    {
        if (type.IsArray)
            return $"{SchemaName(type.GetElementType()!)}Array";
        var own = type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}Of{string.Join("And", type.GetGenericArguments().Select(SchemaName))}" : type.Name;
        return type is { IsNested: true, IsGenericParameter: false, DeclaringType: { IsGenericType: false } outer } ? $"{SchemaName(outer)}{own}" : own;
    }

    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var handler = metadata.OfType<MethodInfo>().LastOrDefault();
        if (handler?.DeclaringType is { Name: var useCase } && !useCase.Contains('<', StringComparison.Ordinal))
        {
            // A use case with more than one handler is named by these.
            operation.OperationId = JsonNamingPolicy.CamelCase.ConvertName(handler.Name == "HandleAsync" ? useCase : useCase + handler.Name.Replace("Async", "", StringComparison.Ordinal));
            operation.Summary ??= Words().Replace(useCase, match => $" {match.Value.ToLowerInvariant()}");
        }

        operation.Parameters ??= [];
        foreach (var parameter in handler?.GetParameters() ?? [])
        {
            if (parameter.ParameterType == typeof(Paging))
            {
                Add(operation, "cursor", ParameterLocation.Query, new() { Type = JsonSchemaType.String }, "The `next` of the page before.");
                Add(operation, "limit", ParameterLocation.Query, new() { Type = JsonSchemaType.Integer, Minimum = "1", Maximum = "200" }, "How many items at most; 50 unless given.");
            }
            else if (parameter.ParameterType == typeof(IdempotencyKey))
            {
                Add(operation, IdempotencyKey.Header, ParameterLocation.Header, new() { Type = JsonSchemaType.String, MaxLength = IdempotencyKey.MaxLength },
                    "The same request with the same key has one effect.");
            }
        }

        operation.Responses ??= new();
        operation.Responses.TryAdd("default", new OpenApiResponse
        {
            Description = "Problem details (RFC 9457) in the language of Accept-Language.",
            Content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = new() { Schema = new OpenApiSchemaReference(ProblemSchema, context.Document) } },
        });
        if (metadata.OfType<IAuthorizeData>().Any() || metadata.OfType<AuthorizationPolicy>().Any())
            operation.Security = [new() { [new OpenApiSecuritySchemeReference(Bearer, context.Document)] = [] }];
    }

    private static void Add(OpenApiOperation operation, string name, ParameterLocation place, OpenApiSchema schema, string description) =>
        operation.Parameters!.Add(new OpenApiParameter { Name = name, In = place, Schema = schema, Description = description });

    private static OpenApiSchema ProblemOf() => new()
    {
        Type = JsonSchemaType.Object,
        Required = new HashSet<string> { "type", "title", "status", "code", "traceId" },
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["type"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["title"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "For people." },
            ["status"] = new OpenApiSchema { Type = JsonSchemaType.Integer },
            ["code"] = new OpenApiSchema { Type = JsonSchemaType.String, Description = "For programs; stable." },
            ["traceId"] = new OpenApiSchema { Type = JsonSchemaType.String },
            ["errors"] = new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = "What is wrong with each field.",
                AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
        },
    };

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex Words();
}
