using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Requests;

/// <summary>The request header <c>Idempotency-Key</c>: a client that repeats a write with the same key gets the first one's answer instead of a second effect.</summary>
/// <param name="Value">Up to 200 characters of the client's choice; null: the client did not give one.</param>
public sealed record IdempotencyKey(string? Value)
{
    /// <summary>Name of the header.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>The longest key.</summary>
    public const int MaxLength = 200;

    /// <summary>422: the key came before with another body.</summary>
    public static readonly Problem Reused = new("idempotency-key-reused", 422,
        new("This Idempotency-Key was used before with another body.", "سبق استخدام مفتاح Idempotency-Key هذا مع نص طلب مختلف."));

    private static readonly Text BadKey = new("must have 1 to {0} characters and be given once", "يجب أن يكون من 1 إلى {0} حرفا وأن يرد مرة واحدة");

    /// <summary>Called by ASP.NET Core. Throws <see cref="ProblemException"/> with 400.</summary>
    public static ValueTask<IdempotencyKey> BindAsync(HttpContext context)
    {
        var given = context.Request.Headers[Header];
        if (given.Count == 0)
            return ValueTask.FromResult(new IdempotencyKey((string?)null));
        if (given is not [{ Length: > 0 and <= MaxLength } value])
            throw new ProblemException(Errors.Of(Header, BadKey.With(MaxLength)).Details());
        return ValueTask.FromResult(new IdempotencyKey(value));
    }

    /// <summary>Tells whether two bodies are the same, however their JSON is written: hexadecimal SHA-256 of the record.</summary>
    public static string HashOf<T>(T request) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(request)));
}
