namespace Tarasol.Tenancy.Exports;

/// <summary>What a service keeps of a tenant outside of its database. It gets into the export as a table of its own, behind those of the model. Register it scoped; it reads the current tenant.</summary>
public interface IExportRows
{
    /// <summary>Name of the table in the export; none of the model has it.</summary>
    string Table { get; }

    /// <summary>The rows, read one by one: column and value.</summary>
    IAsyncEnumerable<IReadOnlyDictionary<string, object?>> ReadAsync(CancellationToken cancel);
}
