using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Tarasol.Tenancy;

/// <summary>Columns that hold what lets somebody in: they stay in their database and never get into an export.</summary>
public static class SecretColumns
{
    private const string Annotation = "Tarasol:Secret";

    /// <summary>Marks a column as secret: hashes of passwords and tokens, keys, texts that may hold a token.</summary>
    public static PropertyBuilder<T> IsSecret<T>(this PropertyBuilder<T> property) => property.HasAnnotation(Annotation, true);

    /// <summary>True for a column that is marked.</summary>
    public static bool IsSecret(this IReadOnlyProperty property) => property.FindAnnotation(Annotation)?.Value is true;
}
