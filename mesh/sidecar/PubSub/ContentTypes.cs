namespace Tarasol.Sidecar.PubSub;

/// <summary>How daprd sorts content types: the part before a semicolon, without regard to case.</summary>
internal static class ContentTypes
{
    public const string CloudEvents = "application/cloudevents+json";
    public const string Json = "application/json";
    public const string Binary = "application/octet-stream";

    public static bool IsCloudEvent(string? contentType) => Is(contentType, CloudEvents);

    public static bool IsJson(string? contentType) => Is(contentType, Json);

    public static bool IsBinary(string? contentType) => Is(contentType, Binary);

    public static bool IsString(string? contentType) =>
        contentType is not null && (contentType.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || Is(contentType, "application/xml"));

    public static bool IsCloudEventProtobuf(string? contentType) => Is(contentType, "application/cloudevents+protobuf");

    private static bool Is(string? contentType, string expected)
    {
        if (contentType is null)
        {
            return false;
        }
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        return contentType.AsSpan(0, end < 0 ? contentType.Length : end).Equals(expected, StringComparison.OrdinalIgnoreCase);
    }
}
