using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Tests.Architecture;

/// <summary>Everything that is said to people: titles of problems, what is wrong with a field, names of permissions.</summary>
public sealed partial class TextTests
{
    private static readonly IReadOnlyList<(string Where, object Value)> Kept = [.. TypeTests.Assemblies.Select(row => row.Data).Append("Tarasol.Gateway").SelectMany(Said)];

    private static readonly IReadOnlyList<(string Where, Text Text)> Texts =
        [.. Kept.Select(kept => (kept.Where, kept.Value switch { Problem problem => problem.Title, PermissionName permission => permission.Name, var text => (Text)text }))];

    [Fact]
    public void Every_text_is_there_in_English_and_in_Arabic()
    {
        Assert.True(Texts.Count > 150, $"only {Texts.Count} texts were found");
        Assert.Empty(Texts.Where(each => !Latin().IsMatch(each.Text.En) || Arabic().IsMatch(each.Text.En) || !Arabic().IsMatch(each.Text.Ar)).Select(each => $"{each.Where}: {each.Text.En} / {each.Text.Ar}"));
    }

    [Fact]
    public void Both_languages_take_the_same_values() => Assert.Empty(Texts
        .Where(each => !FormatItems(each.Text.En).SequenceEqual(FormatItems(each.Text.Ar))).Select(each => $"{each.Where}: {each.Text.En} / {each.Text.Ar}"));

    [Fact]
    public void A_code_stands_for_one_problem_only()
    {
        var problems = Kept.Select(kept => kept.Value).OfType<Problem>().Distinct().ToList();
        Assert.All(problems, problem => Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", problem.Code));
        Assert.Empty(problems.GroupBy(problem => problem.Code).Where(same => same.Count() > 1).Select(same => string.Join(" / ", same)));
    }

    // A text that is written where it is said has one language; those above are declared.
    [Fact]
    public void Nothing_is_said_that_is_not_declared_in_both_languages() => Assert.Empty(
        from file in new[] { "services", "gateway" }.SelectMany(folder => Repository.Files(folder, "*.cs"))
        from Match said in Literal().Matches(Repository.Read(file))
        select $"{file}: {said.Value}");

    private static IEnumerable<(string, object)> Said(string assembly) =>
        from type in Assembly.Load(assembly).GetTypes()
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where Says(field.FieldType)
        from value in Values(type.ContainsGenericParameters ? throw new NotSupportedException($"{type} is generic and keeps a text; keep it beside it.") : field.GetValue(null))
        select ($"{type.FullName}.{field.Name}", value);

    private static bool Says(Type type) => type == typeof(Text) || type == typeof(Problem) || type == typeof(PermissionName)
        || type.IsArray && Says(type.GetElementType()!) || type.IsGenericType && type.GetGenericArguments().Any(Says);

    private static IEnumerable<object> Values(object? kept) => kept switch
    {
        Text or Problem or PermissionName => [kept],
        IDictionary map => map.Values.Cast<object?>().SelectMany(Values),
        IEnumerable many and not string => many.Cast<object?>().SelectMany(Values),
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(at => Values(tuple[at])),
        _ => [],
    };

    private static IEnumerable<string> FormatItems(string text) => FormatItem().Matches(text).Select(item => item.Value).Distinct().Order(StringComparer.Ordinal);

    [GeneratedRegex("[A-Za-z]")]
    private static partial Regex Latin();

    [GeneratedRegex(@"\p{IsArabic}")]
    private static partial Regex Arabic();

    [GeneratedRegex(@"\{\d")]
    private static partial Regex FormatItem();

    // A field's error or a title as a literal.
    [GeneratedRegex("""\berrors?\.Add\([^,(){}]+, \$?"|\bErrors\.Of\([^,(){}]+, \$?"|\b[Tt]itle\s*[:=] \$?"|new ProblemDetails\(?""")]
    private static partial Regex Literal();
}
