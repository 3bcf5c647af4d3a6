using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tarasol.Sidecar.PubSub.Routing;

/// <summary>Variables in sight, innermost first.</summary>
internal sealed record CelScope(IReadOnlyDictionary<string, object?> Variables, CelScope? Outer)
{
    public object? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope.Variables.TryGetValue(name, out var value))
            {
                return CelValue.Normalize(value);
            }
        }
        throw new CelException($"no such attribute: {name}");
    }
}

internal abstract record CelNode
{
    public abstract object? Evaluate(CelScope scope);
}

internal sealed record CelLiteral(object? Value) : CelNode
{
    public override object? Evaluate(CelScope scope) => Value;
}

internal sealed record CelVariable(string Name) : CelNode
{
    public override object? Evaluate(CelScope scope) => scope.Find(Name);
}

internal sealed record CelSelect(CelNode Target, string Name) : CelNode
{
    public override object? Evaluate(CelScope scope) => CelValue.Member(Target.Evaluate(scope), Name);
}

internal sealed record CelHas(CelNode Target, string Name) : CelNode
{
    public override object? Evaluate(CelScope scope) => CelValue.TryMember(Target.Evaluate(scope), Name, out _);
}

internal sealed record CelIndex(CelNode Target, CelNode Key) : CelNode
{
    public override object? Evaluate(CelScope scope)
    {
        var (target, key) = (Target.Evaluate(scope), Key.Evaluate(scope));
        if (CelValue.AsList(target) is not { } list)
        {
            return CelValue.Member(target, key);
        }
        var index = key switch
        {
            long whole => whole,
            double real when real == Math.Floor(real) => (long)real,
            _ => throw new CelException($"a list has no index of type {CelValue.TypeName(key)}"),
        };
        return index >= 0 && index < list.Count ? CelValue.Normalize(list[(int)index]) : throw new CelException($"index out of bounds: {index}");
    }
}

internal sealed record CelList(IReadOnlyList<CelNode> Items) : CelNode
{
    public override object? Evaluate(CelScope scope) => Items.Select(item => item.Evaluate(scope)).ToList();
}

internal sealed record CelMap(IReadOnlyList<(CelNode Key, CelNode Value)> Entries) : CelNode
{
    public override object? Evaluate(CelScope scope)
    {
        var map = new Dictionary<object, object?>();
        foreach (var (keyNode, value) in Entries)
        {
            var key = keyNode.Evaluate(scope) ?? throw new CelException("a map key is null");
            if (!map.TryAdd(CelValue.MapKey(key), value.Evaluate(scope)))
            {
                throw new CelException($"duplicate map key {key}");
            }
        }
        return map;
    }
}

internal sealed record CelNot(CelNode Operand) : CelNode
{
    public override object? Evaluate(CelScope scope) => !CelValue.Boolean(Operand.Evaluate(scope));
}

internal sealed record CelNegate(CelNode Operand) : CelNode
{
    public override object? Evaluate(CelScope scope) => Operand.Evaluate(scope) switch
    {
        long whole when whole != long.MinValue => -whole,
        double real => -real,
        var other => throw new CelException($"no such overload: -{CelValue.TypeName(other)}"),
    };
}

internal sealed record CelConditional(CelNode Condition, CelNode Yes, CelNode No) : CelNode
{
    public override object? Evaluate(CelScope scope) => CelValue.Boolean(Condition.Evaluate(scope)) ? Yes.Evaluate(scope) : No.Evaluate(scope);
}

/// <summary>And, or. Either side may decide; an error on the other side is then of no account.</summary>
/// <param name="Left">Evaluated first.</param>
/// <param name="Right">Evaluated unless the left side decides.</param>
/// <param name="Deciding">True for or, false for and.</param>
internal sealed record CelLogical(CelNode Left, CelNode Right, bool Deciding) : CelNode
{
    public override object? Evaluate(CelScope scope)
    {
        bool left;
        try
        {
            left = CelValue.Boolean(Left.Evaluate(scope));
        }
        catch (CelException) when (Decides(scope))
        {
            return Deciding;
        }
        return left == Deciding ? left : CelValue.Boolean(Right.Evaluate(scope));
    }

    private bool Decides(CelScope scope)
    {
        try
        {
            return CelValue.Boolean(Right.Evaluate(scope)) == Deciding;
        }
        catch (CelException)
        {
            return false;
        }
    }
}

internal sealed record CelBinary(string Symbol, CelNode Left, CelNode Right) : CelNode
{
    public override object? Evaluate(CelScope scope)
    {
        var (left, right) = (Left.Evaluate(scope), Right.Evaluate(scope));
        return Symbol switch
        {
            "==" => CelValue.AreEqual(left, right),
            "!=" => !CelValue.AreEqual(left, right),
            "<" => CelValue.Compare(left, right) < 0,
            "<=" => CelValue.Compare(left, right) <= 0,
            ">" => CelValue.Compare(left, right) > 0 && !CelValue.IsNaN(left, right),
            ">=" => CelValue.Compare(left, right) >= 0 && !CelValue.IsNaN(left, right),
            "in" => CelValue.Contains(right, left),
            _ => CelValue.Calculate(Symbol, left, right),
        };
    }
}

internal sealed record CelCall(string Name, Func<object?[], object?> Function, IReadOnlyList<CelNode> Arguments) : CelNode
{
    public override object? Evaluate(CelScope scope) => Function([.. Arguments.Select(argument => argument.Evaluate(scope))]);
}

internal sealed record CelComprehension(string Macro, CelNode Target, string Variable, CelNode Body) : CelNode
{
    public override object? Evaluate(CelScope scope)
    {
        var target = Target.Evaluate(scope);
        var items = CelValue.AsList(target) ?? CelValue.Keys(target) ?? throw new CelException($"{Macro}() needs a list or a map, not {CelValue.TypeName(target)}");
        object? Run(object? item) => Body.Evaluate(new CelScope(new Dictionary<string, object?> { [Variable] = item }, scope));
        bool Test(object? item) => CelValue.Boolean(Run(item));
        return Macro switch
        {
            "all" => Decide(items, Test, deciding: false),
            "exists" => Decide(items, Test, deciding: true),
            "exists_one" => items.Count(Test) == 1,
            "filter" => items.Where(Test).ToList(),
            _ => items.Select(Run).ToList(),
        };
    }

    private static bool Decide(IReadOnlyList<object?> items, Func<object?, bool> test, bool deciding)
    {
        CelException? error = null;
        foreach (var item in items)
        {
            try
            {
                if (test(item) == deciding)
                {
                    return deciding;
                }
            }
            catch (CelException e)
            {
                error = e;
            }
        }
        return error is null ? !deciding : throw error;
    }
}

/// <summary>Functions, by name, whether they are called on a target, and their number of arguments.</summary>
internal static class CelFunctions
{
    // A rule must not be able to hang the host: no backtracking, as in Dapr's own engine.
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Regex> Patterns = new();

    public static Func<object?[], object?>? Find(string name, bool onTarget, int arguments) => (name, onTarget, arguments) switch
    {
        ("startsWith", true, 1) => Strings(name, (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        ("endsWith", true, 1) => Strings(name, (text, part) => text.EndsWith(part, StringComparison.Ordinal)),
        ("contains", true, 1) => Strings(name, (text, part) => text.Contains(part, StringComparison.Ordinal)),
        ("matches", true, 1) or ("matches", false, 2) => Strings(name, Matches),
        ("size", true, 0) or ("size", false, 1) => values => CelValue.Size(values[0]),
        ("int", false, 1) => values => ToInt(values[0]),
        ("uint", false, 1) => values => ToInt(values[0]) is var whole && whole >= 0 ? whole : throw new CelException("a uint is not negative"),
        ("double", false, 1) => values => ToDouble(values[0]),
        ("string", false, 1) => values => ToText(values[0]),
        ("bool", false, 1) => values => ToBool(values[0]),
        ("dyn", false, 1) => values => values[0],
        ("timestamp", false, 1) => values => ToTimestamp(values[0]),
        _ => null,
    };

    private static Func<object?[], object?> Strings(string name, Func<string, string, bool> test) => values =>
        values is [string text, string part] ? test(text, part)
            : throw new CelException($"no such overload: {CelValue.TypeName(values[0])}.{name}({CelValue.TypeName(values[1])})");

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Patterns.GetOrAdd(pattern, static p => new Regex(p, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)).IsMatch(text);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new CelException($"{pattern} is not a usable pattern: {e.Message}");
        }
    }

    private static long ToInt(object? value) => value switch
    {
        long whole => whole,
        double real when real > -9.3e18 && real < 9.3e18 && Math.Truncate(real) is >= long.MinValue and < 9223372036854775807d => (long)real,
        string text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        DateTimeOffset time => time.ToUnixTimeSeconds(),
        _ => throw new CelException($"int() cannot convert {CelValue.Show(value)}"),
    };

    private static double ToDouble(object? value) => value switch
    {
        long whole => whole,
        double real => real,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => real,
        _ => throw new CelException($"double() cannot convert {CelValue.Show(value)}"),
    };

    private static string ToText(object? value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        double real => real.ToString("R", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
        _ => throw new CelException($"string() cannot convert {CelValue.TypeName(value)}"),
    };

    private static bool ToBool(object? value) => value switch
    {
        bool flag => flag,
        "1" or "t" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "false" or "FALSE" or "False" => false,
        _ => throw new CelException($"bool() cannot convert {CelValue.Show(value)}"),
    };

    private static DateTimeOffset ToTimestamp(object? value) => value switch
    {
        DateTimeOffset time => time,
        long seconds => DateTimeOffset.FromUnixTimeSeconds(seconds),
        string text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
        _ => throw new CelException($"timestamp() cannot convert {CelValue.Show(value)}"),
    };
}

/// <summary>CEL's rules over values: numbers compare across types, other unlike types are never equal.</summary>
internal static class CelValue
{
    /// <summary>JSON scalars become .NET values (every JSON number a double, as in Dapr); JSON arrays and objects stay as they are.</summary>
    public static object? Normalize(object? value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString(),
        JsonElement { ValueKind: JsonValueKind.Number } number => number.GetDouble(),
        JsonElement { ValueKind: JsonValueKind.True } => true,
        JsonElement { ValueKind: JsonValueKind.False } => false,
        JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined } => null,
        int whole => (long)whole,
        _ => value,
    };

    public static string TypeName(object? value) => value switch
    {
        null => "null",
        bool => "bool",
        long => "int",
        double => "double",
        string => "string",
        DateTimeOffset => "timestamp",
        _ => AsList(value) is null ? "map" : "list",
    };

    public static string Show(object? value) => value is string text ? $"\"{text}\"" : $"{value ?? "null"} ({TypeName(value)})";

    public static bool Boolean(object? value) => value is bool flag ? flag : throw new CelException($"no such overload: {TypeName(value)} is not a bool");

    public static object? Member(object? target, object? key) =>
        TryMember(target, key, out var value) ? value : throw new CelException($"no such key: {key}");

    public static bool TryMember(object? target, object? key, out object? value)
    {
        value = null;
        switch (target)
        {
            case JsonElement { ValueKind: JsonValueKind.Object } json:
                if (key is not string name || !json.TryGetProperty(name, out var member))
                {
                    return false;
                }
                value = Normalize(member);
                return true;
            case IReadOnlyDictionary<string, JsonElement> attributes:
                if (key is not string attribute || !attributes.TryGetValue(attribute, out var found))
                {
                    return false;
                }
                value = Normalize(found);
                return true;
            case IReadOnlyDictionary<string, object?> named:
                return key is string text && named.TryGetValue(text, out value) && (value = Normalize(value)) is var _;
            case IReadOnlyDictionary<object, object?> map:
                return key is not null && map.TryGetValue(MapKey(key), out value) && (value = Normalize(value)) is var _;
            default:
                throw new CelException($"no such overload: {TypeName(target)} has no member {key}");
        }
    }

    // A map literal's 1 and 1.0 are one key.
    public static object MapKey(object key) => key is double real && real == Math.Floor(real) && Math.Abs(real) < 1e15 ? (long)real : key;

    public static IReadOnlyList<object?>? AsList(object? value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.Array } json => [.. json.EnumerateArray().Select(item => Normalize(item))],
        IReadOnlyList<object?> list => list,
        _ => null,
    };

    public static IReadOnlyList<object?>? Keys(object? value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.Object } json => [.. json.EnumerateObject().Select(member => member.Name).Distinct()],
        IReadOnlyDictionary<string, JsonElement> attributes => [.. attributes.Keys],
        IReadOnlyDictionary<string, object?> named => [.. named.Keys],
        IReadOnlyDictionary<object, object?> map => [.. map.Keys],
        _ => null,
    };

    public static long Size(object? value) => value switch
    {
        string text => text.EnumerateRunes().Count(),
        _ => AsList(value)?.Count ?? Keys(value)?.Count ?? throw new CelException($"no such overload: size({TypeName(value)})"),
    };

    public static bool Contains(object? holder, object? item) =>
        AsList(holder) is { } list ? list.Any(candidate => AreEqual(candidate, item))
        : Keys(holder) is not null ? TryMember(holder, item, out _)
        : throw new CelException($"no such overload: {TypeName(item)} in {TypeName(holder)}");

    public static bool AreEqual(object? left, object? right)
    {
        switch (left, right)
        {
            case (null, null):
                return true;
            case (null, _) or (_, null):
                return false;
            case (long or double, long or double):
                return !IsNaN(left, right) && CompareNumbers(left, right) == 0;
            case (string or bool or DateTimeOffset, _) or (_, string or bool or DateTimeOffset) or (long or double, _) or (_, long or double):
                return Equals(left, right);
        }
        if (AsList(left) is { } leftList)
        {
            return AsList(right) is { } rightList && leftList.Count == rightList.Count && leftList.Zip(rightList).All(pair => AreEqual(pair.First, pair.Second));
        }
        return Keys(left) is { } keys && Keys(right) is { } others && keys.Count == others.Count
            && keys.All(key => TryMember(right, key, out var value) && AreEqual(Member(left, key), value));
    }

    public static bool IsNaN(object? left, object? right) => left is double.NaN || right is double.NaN;

    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (long or double, long or double) => IsNaN(left, right) ? 1 : CompareNumbers(left, right),
        (string one, string other) => string.CompareOrdinal(one, other),
        (bool one, bool other) => one.CompareTo(other),
        (DateTimeOffset one, DateTimeOffset other) => one.CompareTo(other),
        _ => throw new CelException($"no such overload: {TypeName(left)} compared with {TypeName(right)}"),
    };

    public static object Calculate(string symbol, object? left, object? right)
    {
        try
        {
            return (symbol, left, right) switch
            {
                ("+", long one, long other) => checked(one + other),
                ("-", long one, long other) => checked(one - other),
                ("*", long one, long other) => checked(one * other),
                ("/", long one, long other) => one / other,
                ("%", long one, long other) => one % other,
                ("+", double one, double other) => one + other,
                ("-", double one, double other) => one - other,
                ("*", double one, double other) => one * other,
                ("/", double one, double other) => one / other,
                ("+", string one, string other) => one + other,
                ("+", _, _) when AsList(left) is { } one && AsList(right) is { } other => one.Concat(other).ToList(),
                _ => throw new CelException($"no such overload: {TypeName(left)} {symbol} {TypeName(right)}"),
            };
        }
        catch (ArithmeticException e)
        {
            throw new CelException(e.Message);
        }
    }

    private static int CompareNumbers(object? left, object? right)
    {
        if (left is long one && right is long other)
        {
            return one.CompareTo(other);
        }
        // A double beyond the whole numbers' range decides alone; within it the whole part compares exactly.
        if (left is double real && right is long whole)
        {
            return CompareMixed(real, whole);
        }
        return left is long first && right is double second ? -CompareMixed(second, first) : ((double)left!).CompareTo((double)right!);
    }

    private static int CompareMixed(double real, long whole)
    {
        if (real >= 9223372036854775808d)
        {
            return 1;
        }
        if (real < -9223372036854775808d)
        {
            return -1;
        }
        var floor = Math.Floor(real);
        var order = ((long)floor).CompareTo(whole);
        return order != 0 ? order : real > floor ? 1 : 0;
    }
}
