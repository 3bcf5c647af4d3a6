using Dapr.Client.Autogen.Grpc.v1;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tarasol.Sidecar.Components;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>
/// The tables of mesh/sidecar/README.md say what the host does: every route, gRPC method, component type and metadata key of the code is there,
/// nothing is there that the code does not have, and every test that is named exists. A failure ends with the rows to add or to change.
/// </summary>
public sealed class CapabilityTableTests
{
    private static readonly string[] Readme = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "sidecar-readme.md"));

    [Fact]
    public async Task Every_HTTP_route_is_in_the_table_with_its_verbs()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app")]);
        var served = mesh.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is null && !Route(endpoint).StartsWith("/internal/", StringComparison.Ordinal))
            .GroupBy(Route)
            .ToDictionary(same => same.Key, same => string.Join(", ", same.SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Distinct().Order(StringComparer.Ordinal)));
        var rows = Table("HTTP routes");

        var missing = served.Where(route => !rows.Exists(row => row[0] == route.Key && row[1] == route.Value)).Select(route => $"| `{route.Key}` | {route.Value} | served | <test> |");
        var extra = rows.Where(row => row[2] == "served" && row[0] != "/v1.0/invoke/{id}/method/{path}" && !served.ContainsKey(row[0])).Select(row => $"not a route: {row[0]}");

        Empty([.. missing, .. extra]);
    }

    [Fact]
    public async Task Every_gRPC_method_of_Dapr_is_in_the_table()
    {
        await using var mesh = await TestMesh.StartAsync("", [new TestApp("app")]);
        var bound = mesh.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method.FullName.TrimStart('/')).OfType<string>().Distinct().Select(Short).ToHashSet();
        var known = DaprReflection.Descriptor.Services.Single().Methods.Select(method => method.Name).Concat(bound).Distinct();
        var rows = Table("gRPC methods");

        var missing = known.Where(method => !rows.Exists(row => row[0] == method)).Select(method => $"| `{method}` | {(bound.Contains(method) ? "served" : "refused")} | <test> |");
        var wrong = rows.Where(row => row[1] == "served" && !bound.Contains(row[0])).Select(row => $"not served: {row[0]}");

        Empty([.. missing, .. wrong]);
    }

    [Fact]
    public void Every_component_type_is_in_the_table_with_its_metadata_keys()
    {
        var rows = Table("Component types");
        var missing = ComponentTypes.All
            .Where(type => !rows.Exists(row => row[0] == type.Type && Keys(row[1]).SetEquals(type.Keys)))
            .Select(type => $"| `{type.Type}` | {string.Join(", ", type.Keys.Select(key => $"`{key}`"))} | <keys of Dapr's that are refused> | <test> |");
        var extra = rows.Where(row => ComponentTypes.All.All(type => type.Type != row[0])).Select(row => $"not a component type: {row[0]}");

        Empty([.. missing, .. extra]);
    }

    [Fact]
    public void Every_flag_is_in_the_table()
    {
        var rows = Table("Flags").SelectMany(row => row[0].Split(',', StringSplitOptions.TrimEntries).Select(flag => (Flag: flag, State: row[1]))).ToList();
        var flags = Tarasol.Sidecar.Hosting.Flags.Known.ToList();

        Empty([
            .. flags.Where(flag => !rows.Contains((flag.Flag, flag.HasEffect ? "served" : "accepted")) && !rows.Contains((flag.Flag, "refused"))).Select(flag => $"| `{flag.Flag}` | {(flag.HasEffect ? "served" : "accepted")} | <test> |"),
            .. rows.Where(row => !flags.Exists(flag => flag.Flag == row.Flag)).Select(row => $"not a flag: {row.Flag}"),
        ]);
    }

    [Fact]
    public void Every_row_says_served_or_refused_and_every_test_that_is_named_exists()
    {
        var tests = typeof(CapabilityTableTests).Assembly.GetTypes()
            .Where(type => type.GetMethods().Any(method => method.GetCustomAttributes(inherit: true).Any(attribute => attribute is FactAttribute or FsCheck.Xunit.PropertyAttribute)))
            .Select(type => type.FullName!["Tarasol.Tests.Sidecar.".Length..]).ToHashSet();
        var wrong = new List<string>();
        foreach (var (title, state) in ((string, int)[])[("Building blocks", 1), ("HTTP routes", 2), ("gRPC methods", 1), ("Component types", -1), ("Policies and files", 1), ("Flags", 1)])
        {
            foreach (var row in Table(title))
            {
                if (state >= 0 && row[state] is not ("served" or "partly" or "refused" or "accepted"))
                    wrong.Add($"{title}, {row[0]}: '{row[state]}' is none of served, partly, refused, accepted");
                var named = row[^1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                if (named.Length == 0 && (state < 0 || row[state] is "served" or "partly"))
                    wrong.Add($"{title}, {row[0]}: no test is named");
                wrong.AddRange(named.Where(test => !tests.Contains(test)).Select(test => $"{title}, {row[0]}: there is no test class {test}"));
            }
        }

        Empty(wrong);
    }

    private static string Route(RouteEndpoint endpoint) => $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}";

    private static string Short(string method) => method.StartsWith("dapr.proto.runtime.v1.Dapr/", StringComparison.Ordinal) ? method["dapr.proto.runtime.v1.Dapr/".Length..] : method;

    private static HashSet<string> Keys(string cell) => [.. cell.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The rows below a heading, without header, ruler and code marks.</summary>
    private static List<string[]> Table(string title)
    {
        var rows = Readme.SkipWhile(line => line != $"## {title}").Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith('|')).Skip(2).ToList();
        Assert.True(rows.Count > 0, $"mesh/sidecar/README.md has no table below '## {title}'");
        return [.. rows.Select(row => row.Trim('|').Split('|').Select(cell => cell.Trim().Replace("`", "", StringComparison.Ordinal)).ToArray())];
    }

    private static void Empty(IReadOnlyCollection<string> problems) => Assert.True(problems.Count == 0, $"mesh/sidecar/README.md:\n{string.Join('\n', problems)}");
}
