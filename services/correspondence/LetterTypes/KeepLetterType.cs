using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Admin;
using Tarasol.Correspondence.Data;
using Tarasol.Messaging;

namespace Tarasol.Correspondence.LetterTypes;

/// <summary>Keeps a version of a letter type that admin has published. All versions are kept, so that it does not matter in which order they come: the newest one is the largest.</summary>
public sealed class KeepLetterType(CorrespondenceDbContext db) : IEventHandler<LetterTypePublished>
{
    public async Task HandleAsync(LetterTypePublished published, EventEnvelope envelope, CancellationToken cancel)
    {
        if (!await db.LetterTypes.AnyAsync(row => row.LetterTypeId == published.LetterTypeId && row.Version == published.Version, cancel))
            db.Add(new LetterTypeVersion { LetterTypeId = published.LetterTypeId, Version = published.Version, Code = published.Code, Form = JsonSerializer.Serialize(published, EventJson.Options) });
    }
}
