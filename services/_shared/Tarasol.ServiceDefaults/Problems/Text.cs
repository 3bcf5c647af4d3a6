using System.Globalization;

namespace Tarasol.ServiceDefaults.Problems;

/// <summary>A text for people, in both languages. <see cref="ToString"/> gives the one of the caller (CurrentUICulture; English unless Arabic).</summary>
/// <param name="En">English; may hold composite format items.</param>
/// <param name="Ar">Arabic, with the same format items.</param>
public readonly record struct Text(string En, string Ar)
{
    /// <summary>The text in the caller's language.</summary>
    public override string ToString() => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "ar" ? Ar : En;

    /// <summary>The text in the caller's language with its format items filled.</summary>
    public string With(params ReadOnlySpan<object?> values) => string.Format(CultureInfo.InvariantCulture, ToString(), values);
}
