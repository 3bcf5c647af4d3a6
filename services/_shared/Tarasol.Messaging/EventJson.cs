using System.Text.Json;
using Tarasol.ServiceDefaults;

namespace Tarasol.Messaging;

/// <summary>The JSON of events: the API's own.</summary>
public static class EventJson
{
    /// <summary>Shared options.</summary>
    public static readonly JsonSerializerOptions Options = Make();

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        TarasolService.Configure(options);
        return options;
    }
}
