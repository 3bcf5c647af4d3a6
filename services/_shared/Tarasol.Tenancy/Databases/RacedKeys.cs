using Microsoft.Data.SqlClient;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Tarasol.Tenancy.Databases;

/// <summary>
/// Tells a change that came too late as one, however the database noticed. A change often adds a numbered row to another table, such as the next entry of a timeline. Whoever is second may learn that the
/// number is taken before the database has looked whether the changed row still has the version that was read: Entity Framework adds before it changes, and PostgreSQL runs both in one batch.
/// </summary>
internal sealed class RacedKeys : SaveChangesInterceptor
{
    // https://sqlite.org/rescode.html#constraint_primarykey
    private const int SqlitePrimaryKey = 1555;

    // https://learn.microsoft.com/sql/relational-databases/errors-events/mssqlserver-2627-database-engine-error
    private const int SqlServerKey = 2627;

    /// <inheritdoc/>
    public override Task SaveChangesFailedAsync(DbContextErrorEventData eventData, CancellationToken cancellationToken = default)
    {
        SaveChangesFailed(eventData);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    /// <exception cref="DbUpdateConcurrencyException">In place of the violation of the other table's key.</exception>
    public override void SaveChangesFailed(DbContextErrorEventData eventData)
    {
        // No other key than one of several columns is given by counting.
        if (eventData is { Context: { } db, Exception: DbUpdateException collision }
            && IsPrimaryKey(collision.InnerException)
            && collision.Entries.Any(entry => entry.State == EntityState.Added && entry.Metadata.FindPrimaryKey()?.Properties.Count > 1)
            && db.ChangeTracker.Entries().Any(entry => entry.State == EntityState.Modified && entry.Metadata.GetProperties().Any(property => property.IsConcurrencyToken)))
            throw new DbUpdateConcurrencyException(collision.Message, collision.InnerException);
    }

    private static bool IsPrimaryKey(Exception? violation) => violation switch
    {
        SqliteException sqlite => sqlite.SqliteExtendedErrorCode == SqlitePrimaryKey,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: { } key } =>
            key.StartsWith("PK_", StringComparison.OrdinalIgnoreCase) || key.EndsWith("_pkey", StringComparison.OrdinalIgnoreCase),
        SqlException { Number: SqlServerKey } server => server.Message.Contains("PRIMARY KEY", StringComparison.Ordinal),
        _ => false,
    };
}
