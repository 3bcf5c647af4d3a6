using System.CommandLine;
using Tarasol.Tests.Load;
using Tarasol.Tests.Load.Invocation;
using Tarasol.Tests.Load.Letters;
using Tarasol.Tests.Load.Memory;
using Tarasol.Tests.Load.Publish;
using Tarasol.Tests.Load.SignIn;
using Tarasol.Tests.Load.State;
using Tarasol.Tests.Load.Tenants;
using Tarasol.Tests.Load.Workflows;

var seconds = new Option<int>("--seconds") { Description = "How long each figure is measured, after a warm-up", DefaultValueFactory = _ => 8 };
var events = new Option<int>("--events") { Description = "Events for each broker", DefaultValueFactory = _ => 10_000 };
var brokers = new Option<string[]>("--brokers") { Description = "Only these brokers", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [.. BrokerLoad.All.Select(broker => broker.Name)] };

var root = new RootCommand("Measures the embedded sidecar host against doing the same without it. Every table is made in one run; read the ratios, not the figures.");
Add("invocation", "app -> host -> app against calling the app directly", [seconds], (arguments, cancel) => InvocationLoad.RunAsync(arguments.GetValue(seconds), cancel));
Add("state", "get and set through the host against bare Redis", [seconds], (arguments, cancel) => StateLoad.RunAsync(arguments.GetValue(seconds), cancel));
Add("publish", "publish to handled, per broker, against the bare client library", [events, brokers],
    (arguments, cancel) => PublishLoad.RunAsync(arguments.GetValue(events), arguments.GetValue(brokers)!, cancel));
Add("workflows", "workflows from start to completion on state.sqlite", [seconds], (arguments, cancel) => WorkflowLoad.RunAsync(arguments.GetValue(seconds), cancel));
Add("memory", "bytes for each further app-id", [], (_, cancel) => MemoryLoad.RunAsync(cancel));
var tenants = new Option<int>("--tenants") { Description = "How many", DefaultValueFactory = _ => 200 };
var busy = new Option<int>("--busy") { Description = "How many of them work at once", DefaultValueFactory = _ => 50 };
var budget = new Option<int>("--budget") { Description = "Connections of each service to the server, which takes 100 of all", DefaultValueFactory = _ => TenantsLoad.MostConnections / MeshUnderLoad.Services };
Add("tenants", "many tenants with all services on one PostgreSQL: time, memory, connections", [tenants, busy, budget, seconds],
    (arguments, cancel) => TenantsLoad.RunAsync(arguments.GetValue(tenants), arguments.GetValue(busy), arguments.GetValue(seconds), arguments.GetValue(budget), cancel));
Add("signin", "sign-in and refresh, and an honest tenant beside one that asks ten times its limit", [seconds], (arguments, cancel) => SignInLoad.RunAsync(arguments.GetValue(seconds), cancel));
var letters = new Option<int>("--letters") { Description = "How many there are at the end", DefaultValueFactory = _ => 200_000 };
var provider = new Option<string>("--provider") { Description = "sqlite, postgres or both", DefaultValueFactory = _ => "both" };
provider.AcceptOnlyFromAmong("sqlite", "postgres", "both");
var rounds = new Option<int>("--rounds") { Description = "How often each page is read", DefaultValueFactory = _ => 300 };
Add("letters", "letters registered per second, and pages of the inbox and of the letters, among few letters and among many", [letters, provider, seconds, rounds],
    (arguments, cancel) => LettersLoad.RunAsync(arguments.GetValue(letters), arguments.GetValue(provider)!, arguments.GetValue(seconds), arguments.GetValue(rounds), cancel));
var all = new Command("all", "everything above but tenants, signin and letters, which start whole meshes") { Options = { seconds, events, brokers } };
all.SetAction(async (arguments, cancel) =>
{
    Report.Machine();
    await InvocationLoad.RunAsync(arguments.GetValue(seconds), cancel);
    await StateLoad.RunAsync(arguments.GetValue(seconds), cancel);
    await PublishLoad.RunAsync(arguments.GetValue(events), arguments.GetValue(brokers)!, cancel);
    await WorkflowLoad.RunAsync(arguments.GetValue(seconds), cancel);
    await MemoryLoad.RunAsync(cancel);
});
root.Add(all);
// The measured app runs in a process of its own.
var port = new Option<int>("--port") { Required = true };
var app = new Command(EchoApp.Command) { Hidden = true, Options = { port } };
app.SetAction((arguments, cancel) => EchoApp.RunAsync(arguments.GetValue(port), cancel));
root.Add(app);
return await root.Parse(args).InvokeAsync();

void Add(string name, string what, Option[] options, Func<ParseResult, CancellationToken, Task> run)
{
    var command = new Command(name, what);
    foreach (var option in options)
        command.Options.Add(option);
    command.SetAction(async (arguments, cancel) =>
    {
        Report.Machine();
        await run(arguments, cancel);
    });
    root.Add(command);
}
