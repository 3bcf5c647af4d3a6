using Tarasol.Mesh;
using Tarasol.Mesh.Tye;

namespace Tarasol.Tests.Unit.Mesh;

public sealed class TyeParserTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TyeParserTests()
    {
        folder.File("a/A.csproj", "<Project/>");
        folder.File("b/B.csproj", "<Project/>");
        folder.File("components/pubsub.yaml", "");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Services_have_their_tier_project_port_and_environment()
    {
        var application = Parse("""
            name: letters
            extensions:
            - name: dapr
              components-path: components
            services:
            - name: a
              project: a/A.csproj
              tags: [foundation]
              env:
              - name: FIRST
                value: "1"
              - SECOND=two words
            - name: b
              project: b/B.csproj
              tags:
              - gateway
              bindings:
              - protocol: http
                port: 9090
            """);

        Assert.Equal("letters", application.Name);
        Assert.Equal(Path.Combine(folder.Path, "components"), application.Dapr.ComponentsPath);
        Assert.Equal([Tier.Foundation, Tier.Gateway], application.Services.Select(service => service.Tier));
        Assert.Equal(Path.Combine(folder.Path, "a", "A.csproj"), application.Services[0].Project);
        Assert.Equal(new Dictionary<string, string> { ["FIRST"] = "1", ["SECOND"] = "two words" }, application.Services[0].Env);
        Assert.Null(application.Services[0].Port);
        Assert.Equal(9090, application.Gateway!.Port);
    }

    [Theory]
    [InlineData("replicas: 2", 5, "replicas")]
    [InlineData("image: redis", 5, "image")]
    [InlineData("bindings: [{ protocol: https }]", 5, "https")]
    [InlineData("bindings: [{ port: many }]", 5, "many")]
    [InlineData("bindings: [{ port: 1 }, { port: 2 }]", 5, "2 bindings")]
    [InlineData("env: [{ name: X }]", 5, "value")]
    [InlineData("env: text", 5, "list")]
    public void What_a_service_may_not_say_is_named_with_its_line(string line, int number, string problem) =>
        AssertWrong($"services:\n- name: a\n  project: a/A.csproj\n  tags: [core]\n  {line}\n", number, problem);

    [Fact]
    public void An_unknown_key_of_the_file_is_named_with_its_line() => AssertWrong("name: x\ningress: []\nservices: []\n", 2, "ingress");

    [Fact]
    public void A_project_that_does_not_exist_is_named_with_its_line() =>
        AssertWrong("services:\n- name: a\n  tags: [core]\n  project: nowhere/N.csproj\n", 4, "nowhere/N.csproj");

    [Fact]
    public void A_tag_that_is_no_tier_is_named_with_its_line() =>
        AssertWrong("services:\n- name: a\n  project: a/A.csproj\n  tags: [core, fast]\n", 4, "fast");

    [Fact]
    public void Two_tiers_are_one_too_many() =>
        AssertWrong("services:\n- name: a\n  project: a/A.csproj\n  tags: [core, support]\n", 4, "2 tags");

    [Fact]
    public void A_service_without_a_tier_is_named_with_the_line_where_it_begins() => AssertWrong("services:\n- name: a\n  project: a/A.csproj\n", 2, "tags");

    [Fact]
    public void The_same_name_twice_is_named_with_its_second_line() =>
        AssertWrong("services:\n- name: a\n  project: a/A.csproj\n  tags: [core]\n- name: a\n  project: b/B.csproj\n  tags: [core]\n", 5, "twice");

    [Fact]
    public void A_second_gateway_is_refused() =>
        AssertWrong("services:\n- name: a\n  project: a/A.csproj\n  tags: [gateway]\n- name: b\n  project: b/B.csproj\n  tags: [gateway]\n", 7, "gateway");

    [Theory]
    [InlineData("Upper")]
    [InlineData("under_score")]
    [InlineData("-dash")]
    public void A_name_that_is_no_app_id_is_refused(string name) => AssertWrong($"services:\n- name: {name}\n  project: a/A.csproj\n  tags: [core]\n", 2, name);

    [Fact]
    public void An_unknown_extension_is_named_with_its_line() =>
        AssertWrong("services:\n- name: a\n  project: a/A.csproj\n  tags: [core]\nextensions:\n- name: zipkin\n", 6, "zipkin");

    [Fact]
    public void A_file_without_services_is_refused() => AssertWrong("services: []\n", 1, "services");

    [Fact]
    public void A_components_folder_that_does_not_exist_is_named_with_its_line() =>
        AssertWrong("services:\n- name: a\n  project: a/A.csproj\n  tags: [core]\nextensions:\n- name: dapr\n  components-path: nowhere\n", 7, "nowhere");

    [Fact]
    public void Broken_YAML_is_named_with_its_line() => AssertWrong("name: x\nservices: [\n", 0, "not valid YAML");

    [Fact]
    public void An_empty_file_is_refused() => AssertWrong("", 1, "empty");

    private TyeApplication Parse(string text) => TyeParser.Parse(Path.Combine(folder.Path, "tye.yaml"), text);

    /// <param name="line">0: whichever.</param>
    private void AssertWrong(string text, int line, string problem)
    {
        var wrong = Assert.Throws<MeshException>(() => Parse(text));
        Assert.StartsWith(Path.Combine(folder.Path, line == 0 ? "tye.yaml:" : $"tye.yaml:{line}:"), wrong.Message, StringComparison.Ordinal);
        Assert.Contains(problem, wrong.Message, StringComparison.Ordinal);
    }
}
