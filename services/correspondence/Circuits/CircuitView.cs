namespace Tarasol.Correspondence.Circuits;

/// <summary>A version of a circuit as the API shows it.</summary>
public sealed record CircuitView(
    Guid Id, string Code, int Version, CircuitState State, string NameAr, string NameEn, IReadOnlyList<CircuitStep> Steps, string DraftedBy, DateTimeOffset DraftedAt,
    string? PublishedBy, DateTimeOffset? PublishedAt)
{
    public static CircuitView Of(Circuit circuit) => new(
        circuit.Id, circuit.Code, circuit.Version, circuit.State, circuit.NameAr, circuit.NameEn, circuit.Steps(), circuit.DraftedBy, circuit.DraftedAt,
        circuit.PublishedBy, circuit.PublishedAt);
}
