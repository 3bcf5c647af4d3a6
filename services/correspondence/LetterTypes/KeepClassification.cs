using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Admin;
using Tarasol.Correspondence.Data;
using Tarasol.Messaging;

namespace Tarasol.Correspondence.LetterTypes;

/// <summary>Keeps a version of the classification system that admin has published; the newest one is the largest, whatever the order of their coming.</summary>
public sealed class KeepClassification(CorrespondenceDbContext db) : IEventHandler<ClassificationPublished>
{
    public async Task HandleAsync(ClassificationPublished published, EventEnvelope envelope, CancellationToken cancel)
    {
        if (!await db.Classifications.AnyAsync(row => row.Version == published.Version, cancel))
            db.Add(new ClassificationVersion { Version = published.Version, Classes = JsonSerializer.Serialize(published.Classes, EventJson.Options) });
    }
}
