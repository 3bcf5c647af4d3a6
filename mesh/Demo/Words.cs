using System.Globalization;

namespace Tarasol.Mesh.Demo;

/// <summary>What the demo says, in the language that was asked for.</summary>
internal sealed class Words(bool arabic)
{
    public bool Arabic => arabic;

    /// <summary>The text in the chosen language; {0} and so on are filled in.</summary>
    public string Of(string en, string ar, params object?[] values) => string.Format(CultureInfo.InvariantCulture, arabic ? ar : en, values);
}
