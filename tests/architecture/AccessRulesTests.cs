using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Tarasol.Tests.Architecture;

/// <summary>dapr-config/access lets in exactly the calls that the sources make: from the addresses in the code of services and shared libraries, and from the gateway's routes.</summary>
public partial class AccessRulesTests
{
    private static readonly string[] Everybody = [.. Repository.Services.Append("gateway")];

    public static TheoryData<string> Services => [.. Repository.Services];

    [Theory]
    [MemberData(nameof(Services))]
    public void A_service_lets_in_the_calls_that_are_made_and_no_other(string service) => Assert.Equal(
        RealCalls().Where(call => call.To == service).Select(Line).Distinct().Order(StringComparer.Ordinal),
        Rules(service).Select(Line).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Services))]
    public void What_is_not_allowed_is_denied(string service)
    {
        var control = Control(service);
        Assert.Equal("deny", control["defaultAction"].ToString());
        Assert.All((YamlSequenceNode)control["policies"], policy => Assert.Equal("deny", policy["defaultAction"].ToString()));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public void Nobody_brings_a_service_an_event_but_its_sidecar(string service) => Assert.DoesNotContain(
        Rules(service), call => call.Path.StartsWith("/events", StringComparison.Ordinal) || call.Path.StartsWith("/dapr", StringComparison.Ordinal) || call.Path is "/**" or "/*");

    [Fact]
    public void Nobody_calls_the_gateway()
    {
        Assert.Equal("deny", Control("gateway")["defaultAction"].ToString());
        Assert.DoesNotContain(RealCalls(), call => call.To == "gateway");
    }

    private static string Line(Call call) => $"{call.From} {call.Verb} {call.Path}";

    private static IEnumerable<Call> RealCalls() => ServiceCalls().Concat(SharedCalls()).Concat(GatewayCalls());

    // A typed client is added with the service that it calls, or calls every service that its address names.
    private static IEnumerable<Call> ServiceCalls()
    {
        foreach (var service in Repository.Services)
        {
            var sources = Repository.Files($"services/{service}", "*.cs").Select(Repository.Read).ToList();
            var targets = sources.SelectMany(source => Client().Matches(source)).ToDictionary(match => match.Groups["client"].Value, match => match.Groups["to"].Value);
            foreach (var source in sources)
            {
                foreach (Match address in InternalAddress().Matches(source).Where(address => !IsRoute(source, address.Index)))
                {
                    var client = targets.Keys.FirstOrDefault(name => source.Contains($"class {name}(", StringComparison.Ordinal));
                    var to = AnyService().IsMatch(source) ? Repository.Services : client is not null ? [targets[client]] : [];
                    Assert.True(to.Count > 0, $"{service} calls {address.Value}: of which service?");
                    foreach (var each in to)
                        yield return new(service, each, Verb(source, address.Index), Path(address.Groups["path"].Value));
                }
            }
        }
    }

    // What the shared libraries ask, every service asks; the gateway has those of the service defaults. The tenant service is its own catalogue.
    private static IEnumerable<Call> SharedCalls()
    {
        foreach (var (library, from) in new[] { ("Tarasol.ServiceDefaults", Everybody), ("Tarasol.Tenancy", [.. Repository.Services.Where(service => service != "tenant")]) })
        {
            foreach (var source in Repository.Files($"services/_shared/{library}", "*.cs").Select(Repository.Read))
            {
                foreach (Match address in SharedAddress().Matches(source).Where(address => !IsRoute(source, address.Index)))
                {
                    var to = Target().Match(source) is { Success: true } named ? named.Groups["to"].Value : "tenant";
                    foreach (var each in from)
                        yield return new(each, to, Verb(source, address.Index), Path(address.Groups["path"].Value));
                }
            }
        }
    }

    private static IEnumerable<Call> GatewayCalls()
    {
        using var routes = JsonDocument.Parse(Repository.Read("gateway/routes.json"), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        foreach (var route in routes.RootElement.GetProperty("ReverseProxy").GetProperty("Routes").EnumerateObject())
        {
            var match = route.Value.GetProperty("Match");
            var path = CatchAll().Replace(match.GetProperty("Path").GetString()!, "**");
            var verbs = match.TryGetProperty("Methods", out var methods) ? string.Join(',', methods.EnumerateArray().Select(each => each.GetString())) : "*";
            yield return new("gateway", route.Value.GetProperty("ClusterId").GetString()!, verbs, path);
        }
        foreach (var source in Repository.Files("gateway", "*.cs").Select(Repository.Read))
        {
            foreach (Match call in GatewayAddress().Matches(source))
            {
                foreach (var to in call.Groups["to"].Success ? [call.Groups["to"].Value] : Repository.Services)
                    yield return new("gateway", to, "GET", Path(call.Groups["path"].Value));
            }
        }
    }

    private static bool IsRoute(string source, int index) => MapBefore().IsMatch(source[Math.Max(0, index - 20)..index]);

    private static string Verb(string source, int index)
    {
        var verb = VerbBefore().Matches(source[Math.Max(0, index - 200)..index]).LastOrDefault()?.Value ?? "";
        return verb.Contains("Post", StringComparison.Ordinal) ? "POST" : "GET";
    }

    // Dapr takes a wildcard at the end of a path only as what is below it.
    private static string Path(string written) => "/" + (Hole().Match(written) is { Success: true, Index: var hole } ? written[..hole] + "**" : written);

    private static IEnumerable<Call> Rules(string service) =>
        from policy in (YamlSequenceNode)Control(service)["policies"]
        from operation in (YamlSequenceNode)policy["operations"]
        select new Call(policy["appId"].ToString(), service, string.Join(',', ((YamlSequenceNode)operation["httpVerb"]).Select(verb => verb.ToString())), operation["name"].ToString());

    private static YamlMappingNode Control(string service)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Repository.Read($"dapr-config/access/{service}.yaml")));
        return (YamlMappingNode)yaml.Documents[0].RootNode["spec"]["accessControl"];
    }

    private sealed record Call(string From, string To, string Verb, string Path);

    [GeneratedRegex("""AddServiceClient<(?<client>\w+)>\("(?<to>[a-z-]+)"\)""")]
    private static partial Regex Client();

    [GeneratedRegex("""\$?"(?<path>internal/(?:\{[^}]*\}|[^"{])*)""")]
    private static partial Regex InternalAddress();

    [GeneratedRegex("""\$?"(?<path>(?:internal/|connect/token|\.well-known/jwks)(?:\{[^}]*\}|[^"{])*)""")]
    private static partial Regex SharedAddress();

    [GeneratedRegex("""Invoke\((?:"(?<to>[a-z-]+)"|service)\), "(?<path>[^"]*)"|Invoke\((?:"(?<to>[a-z-]+)"|service)\)\s*\+ "(?<path>[^"]*)""")]
    private static partial Regex GatewayAddress();

    [GeneratedRegex(@"Invoke\(appId\)")]
    private static partial Regex AnyService();

    [GeneratedRegex("""Invoke\("(?<to>[a-z-]+)"\)""")]
    private static partial Regex Target();

    [GeneratedRegex(@"Map(?:Get|Post|Put|Delete|Group)\(\s*$")]
    private static partial Regex MapBefore();

    [GeneratedRegex(@"HttpMethod\.\w+|PostAsync|FindAsync|GetAsync|GetStringAsync|GetFromJsonAsync")]
    private static partial Regex VerbBefore();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"\{\*\*\w+\}")]
    private static partial Regex CatchAll();
}
