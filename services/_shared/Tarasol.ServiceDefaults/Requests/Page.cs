using System.Buffers.Text;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.ServiceDefaults.Requests;

/// <summary>One page of a list. <c>next</c> is null on the last one.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>
/// Where a page starts and how long it is: query <c>cursor</c> (opaque, from the page before) and <c>limit</c> (1 to 200, 50 unless given).
/// Lists are ordered by a UUIDv7 id, so a page stays right while rows arrive.
/// </summary>
/// <param name="After">The last id of the page before; null on the first page.</param>
/// <param name="Limit">How many items at most.</param>
public sealed record Paging(Guid? After, int Limit)
{
    /// <summary>Of a cursor that no page of the list gave.</summary>
    public static readonly Text BadCursor = new("is not a cursor of this list", "ليس مؤشرا لهذه القائمة");

    private static readonly Text BadLimit = new("must be from 1 to 200", "يجب أن يكون من 1 إلى 200");

    /// <summary>Called by ASP.NET Core.</summary>
    public static ValueTask<Paging> BindAsync(HttpContext context)
    {
        var errors = new Errors();
        Guid? after = null;
        if (context.Request.Query["cursor"] is { Count: > 0 } given and not [null or ""])
        {
            Span<byte> bytes = stackalloc byte[24];
            if (given is [{ Length: 22 } cursor] && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, bytes, out var count) && count == 16)
                after = new Guid(bytes[..16], bigEndian: true);
            else
                errors.Add("cursor", BadCursor);
        }
        var limit = ReadLimit(context.Request, errors);
        errors.ThrowIfAny();
        return ValueTask.FromResult(new Paging(after, limit));
    }

    /// <summary>Reads <c>limit</c>, for lists with a cursor of their own kind; adds an error when it is not from 1 to 200.</summary>
    public static int ReadLimit(HttpRequest request, Errors errors)
    {
        var limit = 50;
        if (request.Query["limit"] is { Count: > 0 } given && (given is not [{ } text] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > 200))
            errors.Add("limit", BadLimit);
        return limit;
    }

    /// <summary>Makes the page from up to <see cref="Limit"/> + 1 rows: the extra one tells that there is more.</summary>
    public Page<TItem> Page<TRow, TItem>(IReadOnlyList<TRow> rows, Func<TRow, Guid> id, Func<TRow, TItem> item) => new(
        [.. rows.Take(Limit).Select(item)],
        rows.Count > Limit ? Base64Url.EncodeToString(id(rows[Limit - 1]).ToByteArray(bigEndian: true)) : null);
}
