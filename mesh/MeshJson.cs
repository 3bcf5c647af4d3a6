using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tarasol.Mesh;

internal static class MeshJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
