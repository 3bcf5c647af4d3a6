using System.Text.Json;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.State;

/// <summary>Dapr's query language: a filter, an order, a page.</summary>
/// <param name="Filter">Null: everything.</param>
internal sealed record StateQuery(StateFilter? Filter, IReadOnlyList<StateSort> Sort, int Limit, string Token)
{
    /// <summary>Throws <see cref="StateQueryException"/> in daprd's words.</summary>
    public static StateQuery Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            var query = GoJson.Decode(text, JsonValueKind.Object, "query.QueryFields");
            var page = query.Member("page") is { ValueKind: JsonValueKind.Object } given ? given : default;
            return new StateQuery(Filters(query), Sorts(query), page.Member("limit") is { } limit ? Number(limit) : 0, page.Text("token", "Pagination.page") ?? "");
        }
        catch (GoJsonException wrong)
        {
            throw new StateQueryException($"failed to parse JSON query body: {wrong.Message}");
        }
    }

    private static StateFilter? Filters(JsonElement query) => query.Member("filter") switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } filter => filter.EnumerateObject().Any() ? StateFilter.Parse(filter) : null,
        { } other => throw GoJson.Mismatch(other, "struct field QueryFields.filter of type map[string]interface {}"),
    };

    private static List<StateSort> Sorts(JsonElement query) => query.Member("sort") switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } sorts => [.. sorts.EnumerateArray().Select(sort => new StateSort(sort.Text("key", "Sorting.sort") ?? "", sort.Text("order", "Sorting.sort") ?? ""))],
        { } other => throw GoJson.Mismatch(other, "struct field QueryFields.sort of type []query.Sorting"),
    };

    private static int Number(JsonElement limit) => limit.ValueKind == JsonValueKind.Number && limit.TryGetInt32(out var number)
        ? number : throw GoJson.Mismatch(limit, "struct field Pagination.page.limit of type int");
}

/// <param name="Key">Path into the value, its parts separated by dots.</param>
/// <param name="Order">ASC, DESC or empty.</param>
internal sealed record StateSort(string Key, string Order);

/// <summary>One unit of a filter.</summary>
internal abstract record StateFilter
{
    private static readonly string[] Comparisons = ["EQ", "NEQ", "GT", "GTE", "LT", "LTE"];

    public static StateFilter Parse(JsonElement unit)
    {
        if (unit.ValueKind != JsonValueKind.Object)
            throw Wrong("filter unit must be a map");
        if (unit.EnumerateObject().Take(2).ToList() is not [var only])
            throw Wrong("filter unit must have a single element");
        return only.Name switch
        {
            "AND" or "OR" => Combination(only.Name, only.Value),
            "IN" => Single(only.Name, only.Value) is var (key, values) && values.ValueKind == JsonValueKind.Array
                ? new StateIn(key, [.. values.EnumerateArray()]) : throw Wrong("IN filter value must be an array"),
            _ when Comparisons.Contains(only.Name) => Single(only.Name, only.Value) is var (key, value) ? new StateComparison(only.Name, key, value) : throw Wrong(only.Name),
            _ => throw Wrong($"unsupported filter \"{only.Name}\""),
        };
    }

    private static StateCombination Combination(string name, JsonElement units)
    {
        if (units.ValueKind != JsonValueKind.Array)
            throw Wrong($"{name} filter must be an array");
        return units.GetArrayLength() >= 2
            ? new StateCombination(name, [.. units.EnumerateArray().Select(Parse)]) : throw Wrong($"{name} filter must contain at least two entries");
    }

    private static (string Key, JsonElement Value) Single(string name, JsonElement pair)
    {
        if (pair.ValueKind != JsonValueKind.Object)
            throw Wrong($"{name} filter must be a map");
        return pair.EnumerateObject().Take(2).ToList() is [var only] ? (only.Name, only.Value) : throw Wrong($"{name} filter must contain a single key/value pair");
    }

    private static StateQueryException Wrong(string problem) => new($"failed to parse JSON query body: {problem}");
}

/// <param name="Operator">EQ, NEQ, GT, GTE, LT or LTE.</param>
internal sealed record StateComparison(string Operator, string Key, JsonElement Value) : StateFilter;

internal sealed record StateIn(string Key, IReadOnlyList<JsonElement> Values) : StateFilter;

/// <param name="Operator">AND or OR.</param>
internal sealed record StateCombination(string Operator, IReadOnlyList<StateFilter> Filters) : StateFilter;
