using Tarasol.Correspondence.Letters;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Calls;

/// <summary>Reference numbers of numbering.</summary>
public sealed class Numbers(HttpClient http, CurrentTenant tenant)
{
    private sealed record Request(Guid LetterId, Direction Direction, string UnitCode, DateOnly Date, string? LetterTypeCode);

    private sealed record Response(string ReferenceNumber);

    /// <summary>The letter's number; the same one however often it is asked for.</summary>
    /// <param name="letter">The letter.</param>
    /// <param name="at">When it gets its number: the day chooses the period of the series.</param>
    /// <param name="cancel">Gives up waiting.</param>
    public async Task<string> GetAsync(Letter letter, DateTimeOffset at, CancellationToken cancel)
    {
        var request = new Request(letter.Id, letter.Direction, letter.OwnerUnitCode, DateOnly.FromDateTime(at.UtcDateTime), letter.LetterType);
        using var answer = await http.PostAsync(tenant.Slug, "internal/numbers", request, cancel);
        return (await answer.ReadAsync<Response>(cancel)).ReferenceNumber;
    }
}
