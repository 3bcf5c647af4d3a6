using System.Text.Json;
using Tarasol.Contracts.Correspondence;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Audit.Trail;

/// <summary>Every published event goes into the trail, in the transaction of its inbox row.</summary>
internal sealed class AppendEvent(IAuditTrail trail) : IAnyEventHandler
{
    public async Task HandleAsync(EventEnvelope envelope, CancellationToken cancel)
    {
        var letterId = LetterId(envelope.Data);
        await trail.AppendAsync(new(envelope.Id, envelope.Type, envelope.Subject, letterId, envelope.Actor, envelope.Time, envelope.Data.GetRawText()), cancel);
        if (envelope.Type == LetterRegistered.Type && letterId is not null)
            await trail.SetLetterLevelAsync(letterId, Level(envelope.Data), cancel);
    }

    // Lower case with hyphens, as the API writes ids, whatever the publisher wrote.
    private static string? LetterId(JsonElement data) =>
        data.ValueKind == JsonValueKind.Object && data.TryGetProperty("letterId", out var value) && value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id)
            ? id.ToString()
            : null;

    // A level that is not known here is treated as the highest.
    private static int Level(JsonElement data) =>
        data.TryGetProperty("confidentiality", out var value) && value.ValueKind == JsonValueKind.String && WireEnum.TryParse<Confidentiality>(value.GetString(), out var level)
            ? (int)level
            : (int)Confidentiality.TopSecret;
}

/// <summary>The levels of confidentiality; a user's clearance is such a level.</summary>
internal enum Confidentiality
{
    Normal = 0,
    Restricted = 1,
    Secret = 2,
    TopSecret = 3,
}
