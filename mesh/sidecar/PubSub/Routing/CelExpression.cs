using System.Globalization;
using System.Text;

namespace Tarasol.Sidecar.PubSub.Routing;

/// <summary>
/// An expression of the Common Expression Language, as routing rules (<c>event.type == "x"</c>) and circuit breakers (<c>consecutiveFailures > 5</c>) use it:
/// all operators, lists, maps, member and index access, <c>has</c>, the comprehension macros, and the string, size and conversion functions.
/// Parsing throws <see cref="CelException"/> with the position; evaluation throws it when a key is missing or types do not fit.
/// </summary>
internal sealed class CelExpression
{
    private readonly CelNode root;

    private CelExpression(string text, CelNode root) => (Text, this.root) = (text, root);

    /// <summary>The source text, trimmed.</summary>
    public string Text { get; }

    public static CelExpression Parse(string text)
    {
        var parser = new CelParser(text);
        return new CelExpression(text.Trim(), parser.ParseAll());
    }

    /// <summary>Values are null, bool, long, double, string, DateTimeOffset, lists, dictionaries, or JSON elements.</summary>
    public object? Evaluate(IReadOnlyDictionary<string, object?> variables) => root.Evaluate(new CelScope(variables, null));

    /// <summary>Evaluates and insists on a boolean.</summary>
    public bool Matches(IReadOnlyDictionary<string, object?> variables) => Evaluate(variables) switch
    {
        bool result => result,
        var other => throw new CelException($"the result of match expression {Text} was not a boolean but {CelValue.TypeName(other)}"),
    };

    public override string ToString() => Text;
}

internal sealed class CelException(string message) : Exception(message);

/// <summary>Recursive descent over the CEL grammar; precedence from the conditional down to primaries.</summary>
internal sealed class CelParser(string text)
{
    private const int MaxDepth = 200;
    private int at;
    private int depth;

    public CelNode ParseAll()
    {
        var node = ParseConditional();
        Skip();
        return at == text.Length ? node : throw Error($"unexpected '{text[at]}'");
    }

    private CelNode ParseConditional()
    {
        if (++depth > MaxDepth)
        {
            throw Error("the expression is nested too deeply");
        }
        var condition = ParseOr();
        if (Take("?"))
        {
            var yes = ParseOr();
            Expect(":");
            condition = new CelConditional(condition, yes, ParseConditional());
        }
        depth--;
        return condition;
    }

    private CelNode ParseOr()
    {
        var left = ParseAnd();
        while (Take("||"))
        {
            left = new CelLogical(left, ParseAnd(), Deciding: true);
        }
        return left;
    }

    private CelNode ParseAnd()
    {
        var left = ParseRelation();
        while (Take("&&"))
        {
            left = new CelLogical(left, ParseRelation(), Deciding: false);
        }
        return left;
    }

    private CelNode ParseRelation()
    {
        var left = ParseAddition();
        while (TakeAny("==", "!=", "<=", ">=", "<", ">") is { } symbol)
        {
            left = new CelBinary(symbol, left, ParseAddition());
        }
        return TakeWord("in") ? new CelBinary("in", left, ParseAddition()) : left;
    }

    private CelNode ParseAddition()
    {
        var left = ParseMultiplication();
        while (TakeAny("+", "-") is { } symbol)
        {
            left = new CelBinary(symbol, left, ParseMultiplication());
        }
        return left;
    }

    private CelNode ParseMultiplication()
    {
        var left = ParseUnary();
        while (TakeAny("*", "/", "%") is { } symbol)
        {
            left = new CelBinary(symbol, left, ParseUnary());
        }
        return left;
    }

    private CelNode ParseUnary()
    {
        Skip();
        if (Peek() == '!' && Peek(1) != '=')
        {
            at++;
            return Nested(() => new CelNot(ParseUnary()));
        }
        if (Peek() == '-')
        {
            at++;
            Skip();
            return char.IsAsciiDigit(Peek()) || Peek() == '.' ? ParseMembers(ParseNumber("-")) : Nested(() => new CelNegate(ParseUnary()));
        }
        return ParseMembers(ParsePrimary());
    }

    private CelNode Nested(Func<CelNode> parse)
    {
        if (++depth > MaxDepth)
        {
            throw Error("the expression is nested too deeply");
        }
        var node = parse();
        depth--;
        return node;
    }

    private CelNode ParseMembers(CelNode target)
    {
        while (true)
        {
            if (Take("["))
            {
                var index = ParseConditional();
                Expect("]");
                target = new CelIndex(target, index);
            }
            else if (Take("."))
            {
                var name = Identifier() ?? throw Error("a member name is missing after '.'");
                target = Take("(") ? Call(name, target, Arguments(")")) : new CelSelect(target, name);
            }
            else
            {
                return target;
            }
        }
    }

    private CelNode ParsePrimary()
    {
        Skip();
        if (at >= text.Length)
        {
            throw Error("the expression ends too early");
        }
        if (Take("("))
        {
            var inner = ParseConditional();
            Expect(")");
            return inner;
        }
        if (Take("["))
        {
            return new CelList(Arguments("]"));
        }
        if (Take("{"))
        {
            return ParseMap();
        }
        if (StringPrefix() is { } prefix)
        {
            return new CelLiteral(ParseString(prefix));
        }
        if (char.IsAsciiDigit(Peek()) || (Peek() == '.' && char.IsAsciiDigit(Peek(1))))
        {
            return ParseNumber("");
        }
        var name = Identifier() ?? throw Error($"unexpected '{text[at]}'");
        return name switch
        {
            "true" => new CelLiteral(true),
            "false" => new CelLiteral(false),
            "null" => new CelLiteral(null),
            "in" => throw Error("'in' has no left side"),
            _ => Take("(") ? Call(name, null, Arguments(")")) : new CelVariable(name),
        };
    }

    private CelMap ParseMap()
    {
        var entries = new List<(CelNode, CelNode)>();
        while (!Take("}"))
        {
            var key = ParseConditional();
            Expect(":");
            entries.Add((key, ParseConditional()));
            if (!Take(","))
            {
                Expect("}");
                break;
            }
        }
        return new CelMap(entries);
    }

    private List<CelNode> Arguments(string end)
    {
        var arguments = new List<CelNode>();
        while (!Take(end))
        {
            arguments.Add(ParseConditional());
            if (!Take(","))
            {
                Expect(end);
                break;
            }
        }
        return arguments;
    }

    private CelNode Call(string name, CelNode? target, List<CelNode> arguments)
    {
        if (name == "has" && target is null)
        {
            return arguments is [CelSelect field] ? new CelHas(field.Target, field.Name) : throw Error("has() takes one member, as in has(event.data.kind)");
        }
        if (target is not null && name is "all" or "exists" or "exists_one" or "filter" or "map" && arguments.Count == 2)
        {
            return arguments[0] is CelVariable variable
                ? new CelComprehension(name, target!, variable.Name, arguments[1])
                : throw Error($"the first argument of {name}() is a variable name");
        }
        return CelFunctions.Find(name, target is not null, arguments.Count) is { } function
            ? new CelCall(name, function, target is null ? arguments : [target, .. arguments])
            : throw Error($"undeclared reference to '{name}' with {arguments.Count} argument(s)");
    }

    private string? Identifier()
    {
        Skip();
        var start = at;
        if (at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '_'))
        {
            while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
            {
                at++;
            }
        }
        return at > start ? text[start..at] : null;
    }

    private CelLiteral ParseNumber(string sign)
    {
        var start = at;
        if (Peek() == '0' && Peek(1) is 'x' or 'X')
        {
            at += 2;
            var digits = at;
            while (at < text.Length && char.IsAsciiHexDigit(text[at]))
            {
                at++;
            }
            return long.TryParse(text.AsSpan(digits, at - digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex)
                ? new CelLiteral(sign == "-" ? -hex : hex)
                : throw Error("not a hexadecimal number");
        }
        Digits();
        var real = false;
        if (Peek() == '.' && char.IsAsciiDigit(Peek(1)))
        {
            real = true;
            at++;
            Digits();
        }
        if (Peek() is 'e' or 'E')
        {
            real = true;
            at++;
            if (Peek() is '+' or '-')
            {
                at++;
            }
            Digits();
        }
        var number = sign + text[start..at];
        if (real)
        {
            return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? new CelLiteral(value) : throw Error($"{number} is not a number");
        }
        if (Peek() is 'u' or 'U')
        {
            at++;
        }
        return long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
            ? new CelLiteral(whole) : throw Error($"{number} is too large for a whole number");
    }

    private void Digits()
    {
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }
    }

    private string? StringPrefix()
    {
        var length = 0;
        while (length < 2 && char.ToLowerInvariant(Peek(length)) is 'r' or 'b')
        {
            length++;
        }
        return Peek(length) is '"' or '\'' ? text.Substring(at, length).ToLowerInvariant() : null;
    }

    private string ParseString(string prefix)
    {
        at += prefix.Length;
        var quote = text[at];
        var triple = Peek(1) == quote && Peek(2) == quote;
        var end = new string(quote, triple ? 3 : 1);
        at += end.Length;
        var value = new StringBuilder();
        while (at < text.Length && string.CompareOrdinal(text, at, end, 0, end.Length) != 0)
        {
            if (text[at] == '\n' && !triple)
            {
                throw Error("a text ends at the end of its line");
            }
            if (text[at] == '\\' && !prefix.Contains('r', StringComparison.Ordinal))
            {
                at++;
                Escape(value);
            }
            else
            {
                value.Append(text[at++]);
            }
        }
        if (at >= text.Length)
        {
            throw Error($"a text is not closed with {end}");
        }
        at += end.Length;
        return value.ToString();
    }

    private void Escape(StringBuilder value)
    {
        var code = at < text.Length ? text[at++] : throw Error("a text ends in a backslash");
        switch (code)
        {
            case 'n': value.Append('\n'); break;
            case 't': value.Append('\t'); break;
            case 'r': value.Append('\r'); break;
            case 'a': value.Append('\a'); break;
            case 'b': value.Append('\b'); break;
            case 'f': value.Append('\f'); break;
            case 'v': value.Append('\v'); break;
            case '\\' or '"' or '\'' or '`' or '?': value.Append(code); break;
            case 'x' or 'X': AppendCode(value, 2, NumberStyles.AllowHexSpecifier); break;
            case 'u': AppendCode(value, 4, NumberStyles.AllowHexSpecifier); break;
            case 'U': AppendCode(value, 8, NumberStyles.AllowHexSpecifier); break;
            default: throw Error($"unknown escape \\{code}");
        }
    }

    private void AppendCode(StringBuilder value, int digits, NumberStyles style)
    {
        if (at + digits > text.Length || !int.TryParse(text.AsSpan(at, digits), style, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code))
        {
            throw Error($"an escape needs {digits} hexadecimal digits of a Unicode character");
        }
        at += digits;
        value.Append(new Rune(code).ToString());
    }

    private char Peek(int ahead = 0) => at + ahead < text.Length ? text[at + ahead] : '\0';

    private void Skip()
    {
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
            }
            else if (text[at] == '/' && Peek(1) == '/')
            {
                at = text.IndexOf('\n', at) is var end && end < 0 ? text.Length : end;
            }
            else
            {
                return;
            }
        }
    }

    private bool Take(string symbol)
    {
        Skip();
        if (string.CompareOrdinal(text, at, symbol, 0, symbol.Length) != 0)
        {
            return false;
        }
        at += symbol.Length;
        return true;
    }

    private string? TakeAny(params ReadOnlySpan<string> symbols)
    {
        foreach (var symbol in symbols)
        {
            if (Take(symbol))
            {
                return symbol;
            }
        }
        return null;
    }

    private bool TakeWord(string word)
    {
        Skip();
        var after = at + word.Length;
        if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0 || (after < text.Length && (char.IsAsciiLetterOrDigit(text[after]) || text[after] == '_')))
        {
            return false;
        }
        at = after;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
        {
            throw Error($"'{symbol}' expected");
        }
    }

    private CelException Error(string problem) => new($"{problem} at position {Math.Min(at, text.Length) + 1} of expression {text}");
}
