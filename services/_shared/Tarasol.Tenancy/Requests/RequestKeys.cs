using FluentMigrator.Builders.Create;
using Microsoft.EntityFrameworkCore;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Tenancy;

/// <summary>An Idempotency-Key that came with a write, saved in the write's own transaction: the repeat of a request finds what the first one made.</summary>
public sealed class RequestKey
{
    /// <summary>Who sent it; keys of different people are different keys.</summary>
    public Guid UserId { get; init; }

    /// <summary>What was asked for, in the service's own words.</summary>
    public required string Operation { get; init; }

    /// <summary>The key itself.</summary>
    public required string Value { get; init; }

    /// <summary>IdempotencyKey.HashOf the request.</summary>
    public required string BodyHash { get; init; }

    /// <summary>What the first request made.</summary>
    public Guid ResultId { get; init; }

    /// <summary>When it came.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>The keys of a service's own context; its table comes from a migration of the service that calls <see cref="RequestKeyTable"/>.</summary>
public static class RequestKeys
{
    /// <summary>Call in OnModelCreating, before UseTarasolConventions.</summary>
    public static void AddRequestKeys(this ModelBuilder model) =>
        model.Entity<RequestKey>().ToTable("request_key").HasKey(key => new { key.UserId, key.Operation, key.Value });

    /// <summary>For the migration of a service that keeps keys.</summary>
    public static void RequestKeyTable(this ICreateExpressionRoot create) => create.Table("request_key")
        .WithColumn("user_id").AsGuid().PrimaryKey()
        .WithColumn("operation").AsString(100).PrimaryKey()
        .WithColumn("value").AsString(200).PrimaryKey()
        .WithColumn("body_hash").AsString(64).NotNullable()
        .WithColumn("result_id").AsGuid().NotNullable()
        .WithColumn("created_at").AsDateTimeOffset().NotNullable();

    /// <summary>Remembers the key, if there is one, together with what the request makes.</summary>
    public static void Remember(this DbSet<RequestKey> keys, IdempotencyKey key, Guid userId, string operation, string bodyHash, Guid resultId, DateTimeOffset now)
    {
        if (key.Value is { } value)
            keys.Add(new() { UserId = userId, Operation = operation, Value = value, BodyHash = bodyHash, ResultId = resultId, CreatedAt = now });
    }

    /// <summary>What the same request made before; null: it is new. Throws 422 when the key came with another body.</summary>
    public static async Task<Guid?> ResultAsync(this DbSet<RequestKey> keys, IdempotencyKey key, Guid userId, string operation, string bodyHash, CancellationToken cancel)
    {
        if (key.Value is not { } value
            || await keys.AsNoTracking().FirstOrDefaultAsync(known => known.UserId == userId && known.Operation == operation && known.Value == value, cancel) is not { } known)
            return null;
        return known.BodyHash == bodyHash ? known.ResultId : throw IdempotencyKey.Reused.Exception();
    }
}
