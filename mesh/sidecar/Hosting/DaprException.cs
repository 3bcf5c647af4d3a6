using Grpc.Core;

namespace Tarasol.Sidecar.Hosting;

/// <summary>An answer that Dapr defines: errorCode and message, with its HTTP and its gRPC status. The one place that turns it into a response is the host's error middleware and interceptor.</summary>
internal sealed class DaprException(string errorCode, int httpStatus, StatusCode grpcStatus, string message) : Exception(message)
{
    public string ErrorCode { get; } = errorCode;

    public int HttpStatus { get; } = httpStatus;

    public StatusCode GrpcStatus { get; } = grpcStatus;

    /// <summary>ErrorInfo of Dapr's newer error bodies: reason and metadata; null when that API has none.</summary>
    public DaprErrorInfo? Info { get; init; }

    /// <summary>ResourceInfo of the newer error bodies: which component, of which kind.</summary>
    public DaprResource? Resource { get; init; }

    /// <summary>BadRequest detail of the newer error bodies: the field, and what is wrong with it.</summary>
    public DaprViolation? Violation { get; init; }

    /// <summary>Of a bulk request: the positions of the entries that failed where others did not; null: all of them.</summary>
    public IReadOnlyList<int>? FailedEntries { get; init; }

    /// <summary>ERR_MALFORMED_REQUEST for a body that cannot be read.</summary>
    public static DaprException Malformed(string problem) =>
        new("ERR_MALFORMED_REQUEST", StatusCodes.Status400BadRequest, StatusCode.InvalidArgument, $"failed deserializing HTTP body: {problem}");
}

internal sealed record DaprErrorInfo(string Reason, IReadOnlyDictionary<string, string>? Metadata = null);

internal sealed record DaprResource(string Type, string Name);

internal sealed record DaprViolation(string Field, string Description);
