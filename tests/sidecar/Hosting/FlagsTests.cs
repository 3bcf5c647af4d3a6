using Microsoft.Extensions.Logging;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Tests.Sidecar.Hosting;

/// <summary>daprd's command line.</summary>
public sealed class FlagsTests
{
    [Fact]
    public void The_line_of_tye_is_understood_old_names_and_single_dashes_included()
    {
        var line = Parse("-app-id letters -app-port 5000 -dapr-grpc-port 5001 --dapr-http-port 5002 --metrics-port 5003 --placement-address localhost:50005 -config c.yaml -log-level debug -components-path ./components");

        var app = Assert.Single(line.Options.Apps);
        Assert.Equal(("letters", 5000, 5001, 5002), (app.AppId, app.AppPort, app.GrpcPort, app.HttpPort));
        Assert.Equal((5003, LogLevel.Debug), (line.Options.MetricsPort, line.LogLevel));
        Assert.Equal(["c.yaml", "./components"], line.Options.ConfigFiles.Concat(line.Options.ResourcesPaths));
        Assert.Equal(["placement-address"], line.Notes);
    }

    [Fact]
    public void The_line_of_dapr_run_is_understood()
    {
        var line = Parse("--app-id letters --app-channel-address 127.0.0.2 --app-port 5000 --app-protocol grpc --dapr-http-port 1 --dapr-grpc-port 2 --profile-port 3 --metrics-port 4 --dapr-internal-grpc-port 5 --config a.yaml --config b.yaml "
            + "--dapr-listen-addresses 127.0.0.1,::1 --enable-profiling=false --log-level warn --app-max-concurrency 7 --placement-host-address h:1 --scheduler-host-address h:2 --resources-path r1 --resources-path r2 --max-body-size 8Mi "
            + "--read-buffer-size 8Ki --enable-app-health-check --app-health-check-path up --app-health-probe-interval 2 --app-health-probe-timeout 300 --app-health-threshold 4 --enable-api-logging --log-as-json --dapr-graceful-shutdown-seconds 9");

        var app = Assert.Single(line.Options.Apps);
        Assert.Equal(("127.0.0.2", "grpc", 7), (app.AppChannelAddress, app.AppProtocol, app.MaxConcurrency));
        Assert.Equal(new AppHealthOptions { Path = "/up", Interval = TimeSpan.FromSeconds(2), Timeout = TimeSpan.FromMilliseconds(300), Threshold = 4 }, app.Health);
        Assert.Equal((8L * 1024 * 1024, 8 * 1024, 5, TimeSpan.FromSeconds(9)), (line.Options.MaxBodySize, line.Options.ReadBufferSize, line.Options.InternalPort, line.Options.GracefulShutdown));
        Assert.Equal(["a.yaml", "b.yaml", "r1", "r2", "127.0.0.1", "::1"], line.Options.ConfigFiles.Concat(line.Options.ResourcesPaths).Concat(line.Options.ListenAddresses));
        Assert.True(line.LogAsJson);
        Assert.Equal(["enable-api-logging", "enable-profiling", "placement-host-address", "profile-port", "scheduler-host-address"], line.Notes.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Without_flags_daprd_s_defaults_count()
    {
        var line = Parse("--app-id letters");

        var app = line.Options.Apps[0];
        Assert.Equal((null, 3500, 50001, "http", -1, null), (app.AppPort, app.HttpPort, app.GrpcPort, app.AppProtocol, app.MaxConcurrency, app.Health));
        Assert.Equal((4L * 1024 * 1024, "default", LogLevel.Information, null), (line.Options.MaxBodySize, line.Options.Namespace, line.LogLevel, line.Options.MetricsPort));
    }

    [Fact]
    public void The_flags_of_an_injector_are_understood()
    {
        var line = Parse("--app-id letters --dapr-public-port 3501 --dapr-public-listen-address 0.0.0.0 --metrics-port 9090 --metrics-listen-address 127.0.0.3 --disable-init-endpoints config,subscribe --mode standalone");

        var app = line.Options.Apps[0];
        Assert.Equal((3501, "0.0.0.0", false, false), (app.PublicPort, app.PublicListenAddress, app.AskForActors, app.AskForSubscriptions));
        Assert.Equal("127.0.0.3", line.Options.MetricsListenAddress);
        Assert.Equal(["mode"], line.Notes);
    }

    [Fact]
    public void The_environment_gives_tokens_namespace_and_id()
    {
        var line = Flags.Parse([], name => $"{name} value" is var value && name == "APP_ID" ? "letters" : value);

        Assert.Equal(("letters", "DAPR_API_TOKEN value", "APP_API_TOKEN value", "NAMESPACE value"), (line.Options.Apps[0].AppId, line.Options.Apps[0].ApiToken, line.Options.Apps[0].AppApiToken, line.Options.Namespace));
    }

    [Theory]
    [InlineData("--app-id a --sing", "unknown flag --sing")]
    [InlineData("--app-id", "--app-id needs a value")]
    [InlineData("--app-id a.b", "--app-id a.b is no app-id")]
    [InlineData("--app-id a stray", "unexpected argument stray")]
    [InlineData("--app-id a --enable-mtls", "--enable-mtls is not served by this host")]
    [InlineData("--app-id a --unix-domain-socket /x", "--unix-domain-socket is not served by this host")]
    [InlineData("--app-id a --max-body-size big", "--max-body-size big is no size")]
    [InlineData("--app-id a --log-level loud", "--log-level loud is none of")]
    [InlineData("--app-id a --app-max-concurrency few", "--app-max-concurrency few is no whole number")]
    [InlineData("--app-id a --enable-app-health-check=maybe", "--enable-app-health-check is true or false")]
    [InlineData("--app-id a --dapr-listen-addresses here", "here is no IP address")]
    [InlineData("--app-id a --metrics-listen-address here", "--metrics-listen-address: here is no IP address")]
    [InlineData("--app-id a --disable-init-endpoints all", "--disable-init-endpoints: all is none of config, subscribe")]
    [InlineData("--mesh m.json --app-id a", "--app-id cannot be used together with --mesh")]
    [InlineData("--mesh nowhere.json", "the mesh file cannot be read")]
    public void A_flag_that_cannot_be_followed_is_named(string line, string problem) => Assert.Contains(problem, Assert.Throws<UsageException>(() => Parse(line)).Message);

    [Fact]
    public void Every_flag_is_taken_with_a_value_of_its_kind()
    {
        foreach (var (flag, hasEffect) in Flags.Known.Where(flag => flag.Flag is not ("mesh" or "enable-mtls" or "unix-domain-socket" or "app-id")))
        {
            var value = flag switch
            {
                "log-level" => "info",
                "dapr-listen-addresses" or "metrics-listen-address" or "dapr-public-listen-address" => "127.0.0.1",
                "disable-init-endpoints" => "config",
                _ when flag.StartsWith("enable-", StringComparison.Ordinal) || flag is "app-ssl" or "log-as-json" or "disable-builtin-k8s-secret-store" => "true",
                "app-binding-options-timeout" => "3s",
                _ => "1",
            };
            Assert.Equal(!hasEffect, Parse($"--app-id a --{flag}={value}").Notes.Contains(flag));
        }
    }

    private static CommandLine Parse(string line) => Flags.Parse(line.Split(' '), _ => null);
}
