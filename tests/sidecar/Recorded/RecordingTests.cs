using System.Text.Json.Nodes;

namespace Tarasol.Tests.Sidecar.Recorded;

/// <summary>What a real daprd 1.18.3 answered and delivered, recorded; this host has to do the same.</summary>
public abstract class RecordingTests(RecordedMesh mesh)
{
    public static TheoryData<string, string> Names => [.. Cases("state"), .. Cases("invoke"), .. Cases("pubsub"), .. Cases("others")];

    [Theory]
    [MemberData(nameof(Names))]
    public Task The_host_answers_and_delivers_as_daprd_did(string file, string name) => PlayAsync(mesh, file, name);

    internal static async Task PlayAsync(RecordedMesh mesh, string file, string name)
    {
        var recording = new Recording(mesh.Sidecars, mesh.Client, mesh.Folder);
        await recording.PlayAsync(Read($"{file}.cases.json").AsArray().Single(@case => @case!["name"]!.GetValue<string>() == name)!, Read($"{file}.answers.json")[name]!.AsArray());
    }

    internal static IEnumerable<TheoryDataRow<string, string>> Cases(string file) =>
        Read($"{file}.cases.json").AsArray().Select(@case => new TheoryDataRow<string, string>(file, @case!["name"]!.GetValue<string>()));

    private static JsonNode Read(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Recorded", file)))!;
}

public sealed class RecordingInOneHostTests(OneHost mesh) : RecordingTests(mesh), IClassFixture<OneHost>;

[Trait("Scale", "large")]
public sealed class RecordingInTwoHostsTests(TwoHosts mesh) : RecordingTests(mesh), IClassFixture<TwoHosts>;
