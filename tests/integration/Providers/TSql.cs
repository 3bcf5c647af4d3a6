using Microsoft.SqlServer.TransactSql.ScriptDom;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>The grammar of SQL Server 2022.</summary>
internal static class TSql
{
    /// <summary>Null: it is well formed.</summary>
    public static string? Error(string sql)
    {
        using var reader = new StringReader(sql);
        new TSql160Parser(initialQuotedIdentifiers: true, SqlEngineType.Standalone).Parse(reader, out var errors);
        return errors.Count == 0 ? null : $"line {errors[0].Line}: {errors[0].Message}\n{sql}";
    }
}
