using System.Buffers;
using System.Linq.Expressions;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.Options;
using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Tenancy.Exports;

/// <summary>
/// All rows of the current tenant's database of this service as JSON lines: one that says what it is and which columns are left out because they are secret, one for each row,
/// table by table in the order of the keys, and one that counts them. Without the last one an export is not whole. It comes from the model: a new table is in it without new code.
/// </summary>
/// <param name="db">The service's own context.</param>
/// <param name="tenant">Whose database it is.</param>
/// <param name="self">This service.</param>
/// <param name="time">The clock.</param>
/// <param name="json">How values are written.</param>
/// <param name="elsewhere">What the service keeps outside of its database.</param>
public sealed class TenantExport(DbContext db, CurrentTenant tenant, ServiceIdentity self, TimeProvider time, IOptions<JsonOptions> json, IEnumerable<IExportRows> elsewhere)
{
    /// <summary>Media type of JSON lines.</summary>
    public const string MediaType = "application/x-ndjson";

    /// <summary>What the first line says.</summary>
    public const string Format = "tarasol-tenant-data";

    /// <summary>A reader refuses one that it does not know.</summary>
    public const int Version = 1;

    private const int Chunk = 64 * 1024;
    private static readonly MethodInfo RowsOf = typeof(TenantExport).GetMethod(nameof(Rows), BindingFlags.Static | BindingFlags.NonPublic)!;
    private static readonly JsonWriterOptions Lines = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes line by line, so that a large database takes no more memory than a small one.</summary>
    public async Task WriteAsync(Stream output, CancellationToken cancel)
    {
        var buffer = new ArrayBufferWriter<byte>(Chunk);
        var tables = Tables(db.Model).ToList();
        Line(buffer, writer =>
        {
            writer.WriteString("format", Format);
            writer.WriteNumber("version", Version);
            writer.WriteString("service", self.AppId);
            writer.WriteString("tenant", tenant.Slug);
            writer.WriteString("exportedAt", time.GetUtcNow().UtcDateTime);
            writer.WriteStartObject("leftOut");
            foreach (var (table, entity) in tables.Where(each => each.Entity.GetProperties().Any(column => column.IsSecret())))
            {
                writer.WriteStartArray(table);
                foreach (var column in entity.GetProperties().Where(column => column.IsSecret()))
                    writer.WriteStringValue(column.GetColumnName());
                writer.WriteEndArray();
            }
            writer.WriteEndObject();
        });

        var counts = new List<(string Table, long Rows)>();
        foreach (var (table, entity) in tables)
        {
            var columns = entity.GetProperties().Where(column => !column.IsSecret()).ToList();
            var names = columns.Select(column => JsonEncodedText.Encode(column.GetColumnName())).ToList();
            var rows = 0L;
            await foreach (var row in ((IQueryable<object?[]>)RowsOf.MakeGenericMethod(entity.ClrType).Invoke(null, [db, entity, columns])!).AsAsyncEnumerable().WithCancellation(cancel))
            {
                Line(buffer, writer => Row(writer, table, names, row));
                rows++;
                if (buffer.WrittenCount > Chunk)
                    await FlushAsync(buffer, output, cancel);
            }
            counts.Add((table, rows));
        }
        foreach (var kept in elsewhere)
        {
            var rows = 0L;
            await foreach (var row in kept.ReadAsync(cancel).WithCancellation(cancel))
            {
                Line(buffer, writer => Row(writer, kept.Table, [.. row.Keys.Select(column => JsonEncodedText.Encode(column))], [.. row.Values]));
                rows++;
                if (buffer.WrittenCount > Chunk)
                    await FlushAsync(buffer, output, cancel);
            }
            counts.Add((kept.Table, rows));
        }
        Line(buffer, writer => End(writer, counts));
        await FlushAsync(buffer, output, cancel);
    }

    /// <summary>The tables of a model, by name. Throws for what cannot be written row by row, which a test finds before a tenant does.</summary>
    internal static IEnumerable<(string Table, IEntityType Entity)> Tables(IModel model)
    {
        foreach (var entity in model.GetEntityTypes().OrderBy(entity => entity.GetTableName(), StringComparer.Ordinal))
        {
            if (entity.GetTableName() is not { } table)
                continue;
            if (entity.IsOwned() || entity.BaseType is not null || entity.GetDirectlyDerivedTypes().Any() || entity.GetComplexProperties().Any() || entity.FindPrimaryKey() is null)
                throw new NotSupportedException($"The export does not know how to write {entity.DisplayName()}: it takes tables of one plain type with a key.");
            yield return (table, entity);
        }
    }

    private static IQueryable<object?[]> Rows<T>(DbContext db, IEntityType entity, IReadOnlyList<IProperty> columns) where T : class
    {
        var row = Expression.Parameter(typeof(T), "row");
        var all = (entity.HasSharedClrType ? db.Set<T>(entity.Name) : db.Set<T>()).IgnoreQueryFilters().AsNoTracking();
        IOrderedQueryable<T>? ordered = null;
        foreach (var key in entity.FindPrimaryKey()!.Properties)
        {
            var by = Expression.Lambda<Func<T, object?>>(Column(row, key), row);
            ordered = ordered is null ? all.OrderBy(by) : ordered.ThenBy(by);
        }
        return ordered!.Select(Expression.Lambda<Func<T, object?[]>>(Expression.NewArrayInit(typeof(object), columns.Select(column => Column(row, column))), row));
    }

    private static UnaryExpression Column(ParameterExpression row, IProperty property) => Expression.Convert(
        Expression.Call(typeof(EF), nameof(EF.Property), [property.ClrType], row, Expression.Constant(property.Name)), typeof(object));

    private void Row(Utf8JsonWriter writer, string table, List<JsonEncodedText> names, object?[] values)
    {
        writer.WriteString("table", table);
        writer.WriteStartObject("row");
        for (var at = 0; at < values.Length; at++)
        {
            writer.WritePropertyName(names[at]);
            if (values[at] is { } value)
                JsonSerializer.Serialize(writer, value, value.GetType(), json.Value.SerializerOptions);
            else
                writer.WriteNullValue();
        }
        writer.WriteEndObject();
    }

    private static void End(Utf8JsonWriter writer, List<(string Table, long Rows)> counts)
    {
        writer.WriteBoolean("end", true);
        writer.WriteNumber("rows", counts.Sum(count => count.Rows));
        writer.WriteStartObject("tables");
        foreach (var (table, rows) in counts)
            writer.WriteNumber(table, rows);
        writer.WriteEndObject();
    }

    private static void Line(ArrayBufferWriter<byte> buffer, Action<Utf8JsonWriter> write)
    {
        using (var writer = new Utf8JsonWriter(buffer, Lines))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        buffer.Write("\n"u8);
    }

    private static async Task FlushAsync(ArrayBufferWriter<byte> buffer, Stream output, CancellationToken cancel)
    {
        await output.WriteAsync(buffer.WrittenMemory, cancel);
        buffer.ResetWrittenCount();
    }
}
