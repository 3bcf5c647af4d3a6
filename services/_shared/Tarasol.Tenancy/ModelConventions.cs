using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace Tarasol.Tenancy;

/// <summary>How every model is stored, so that one set of migrations and queries fits all three providers.</summary>
public static class ModelConventions
{
    private static readonly ValueConverter UtcText = new ValueConverter<DateTimeOffset, DateTime>(
        time => time.UtcDateTime, stored => new DateTimeOffset(DateTime.SpecifyKind(stored, DateTimeKind.Utc)));

    // PostgreSQL takes no other offset.
    private static readonly ValueConverter Utc = new ValueConverter<DateTimeOffset, DateTimeOffset>(time => time.ToUniversalTime(), stored => stored);

    private static readonly ValueConverter Bytes = new ValueConverter<Guid, byte[]>(
        id => id.ToByteArray(true), stored => new Guid(stored, true), new ConverterMappingHints(size: 16));

    /// <summary>
    /// Call last in OnModelCreating. Tables and columns in snake_case; times are UTC (SQLite has no type for them: sortable text); enums as text; ids sort by time
    /// (SQL Server's own type for them does not: sixteen bytes).
    /// </summary>
    public static void UseTarasolConventions(this ModelBuilder model, DatabaseFacade database)
    {
        var sqlite = database.IsSqlite();
        var sqlServer = database.IsSqlServer();
        foreach (var entity in model.Model.GetEntityTypes())
        {
            entity.SetTableName(Snake(entity.GetTableName() ?? entity.ClrType.Name));
            foreach (var property in entity.GetProperties())
            {
                property.SetColumnName(Snake(property.GetColumnName()));
                var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
                if (type == typeof(DateTimeOffset))
                    property.SetValueConverter(sqlite ? UtcText : Utc);
                if (sqlServer && type == typeof(Guid))
                    property.SetValueConverter(Bytes);
                if (type.IsEnum && property.GetValueConverter() is null && property.GetProviderClrType() is null)
                    property.SetProviderClrType(typeof(string));
            }
        }
    }

    private static string Snake(string name) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
