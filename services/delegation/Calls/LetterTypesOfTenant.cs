using Tarasol.Tenancy;

namespace Tarasol.Delegations.Calls;

/// <summary>The letter types of admin.</summary>
public sealed class LetterTypesOfTenant(HttpClient http, CurrentTenant tenant)
{
    public sealed record LetterType(string Code);

    /// <summary>Null: the tenant has published no such type.</summary>
    public Task<LetterType?> FindAsync(string code, CancellationToken cancel) => http.FindAsync<LetterType>(tenant.Slug, $"internal/letter-types/{Uri.EscapeDataString(code)}", cancel);
}
