using System.Globalization;
using System.Text;
using System.Text.Json;
using Tarasol.Sidecar.State;

namespace Tarasol.Sidecar.Components;

/// <summary>
/// The SQL of a state query. As with daprd everything is compared and ordered as text. Unlike with daprd an app finds its own keys only, and nothing that has
/// expired.
/// </summary>
internal sealed class PostgresQuery
{
    private readonly StringBuilder sql = new();

    private PostgresQuery(string table) => sql.Append(CultureInfo.InvariantCulture, $"SELECT key, value::text, xmin::text FROM {table} WHERE (expiredate IS NULL OR expiredate >= CURRENT_TIMESTAMP)");

    public string Sql => sql.ToString();

    /// <summary>$1 is the first of them.</summary>
    public List<string> Parameters { get; } = [];

    /// <summary>How many values lie before this page.</summary>
    public long Skip { get; private set; }

    /// <summary>Throws <see cref="StateQueryException"/>.</summary>
    public static PostgresQuery Build(string table, StateQuery query, string prefix)
    {
        var built = new PostgresQuery(table);
        if (prefix.Length > 0)
            built.sql.Append(CultureInfo.InvariantCulture, $" AND starts_with(key, {built.Parameter(prefix)})");
        if (query.Filter is not null)
            built.sql.Append(" AND ").Append(built.Where(query.Filter));
        if (query.Sort.Count > 0)
            built.sql.Append(" ORDER BY ").AppendJoin(", ", query.Sort.Select(sort => $"{Field(sort.Key)} {Order(sort)}"));
        if (query.Limit > 0)
            built.sql.Append(CultureInfo.InvariantCulture, $" LIMIT {query.Limit}");
        if (query.Token.Length > 0)
        {
            built.Skip = long.TryParse(query.Token, NumberStyles.None, CultureInfo.InvariantCulture, out var skip)
                ? skip : throw new StateQueryException($"strconv.ParseInt: parsing \"{query.Token}\": invalid syntax");
            built.sql.Append(CultureInfo.InvariantCulture, $" OFFSET {skip}");
        }
        return built;
    }

    private string Where(StateFilter filter) => filter switch
    {
        StateCombination all => $"({string.Join($" {all.Operator} ", all.Filters.Select(Where))})",
        StateIn { Values.Count: 0 } none => throw new StateQueryException($"empty IN operator for key \"{none.Key}\""),
        StateIn some => $"({string.Join(" OR ", some.Values.Select(value => Compare(some.Key, "=", value)))})",
        StateComparison { Operator: "EQ" } one => Compare(one.Key, "=", one.Value),
        StateComparison { Operator: "NEQ" } one => Compare(one.Key, "!=", one.Value),
        StateComparison { Value.ValueKind: JsonValueKind.String } one =>
            throw new StateQueryException($"unsupported type of value {one.Value.GetString()}; string type not permitted"),
        StateComparison one => Compare(one.Key, one.Operator switch { "GT" => ">", "GTE" => ">=", "LT" => "<", _ => "<=" }, one.Value),
        _ => throw new StateQueryException($"unsupported filter type {filter.GetType().Name}"),
    };

    private string Compare(string key, string comparison, JsonElement value) => $"{Field(key)}{comparison}{Parameter(Text(value))}";

    private string Parameter(string value)
    {
        Parameters.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${Parameters.Count}");
    }

    /// <summary>a.b is value->'a'->>'b'.</summary>
    private static string Field(string key)
    {
        var parts = key.Split('.').Select(part => $"'{part.Replace("'", "''", StringComparison.Ordinal)}'").ToList();
        return $"value{string.Concat(parts.SkipLast(1).Select(part => $"->{part}"))}->>{parts[^1]}";
    }

    private static string Order(StateSort sort) => sort.Order.ToUpperInvariant() is "" or "ASC" or "DESC"
        ? sort.Order.ToUpperInvariant() : throw new StateQueryException($"unsupported sort order \"{sort.Order}\"");

    /// <summary>As Go prints a decoded JSON value.</summary>
    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Null => "<nil>",
        JsonValueKind.Number when value.TryGetInt64(out var whole) => whole.ToString(CultureInfo.InvariantCulture),
        JsonValueKind.Number => value.GetDouble().ToString("R", CultureInfo.InvariantCulture),
        _ => value.GetRawText(),
    };
}
