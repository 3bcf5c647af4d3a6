using System.CommandLine;
using System.Text.Json;
using Tarasol.Mesh.Tye;
using Tarasol.Mesh.Up;

namespace Tarasol.Mesh.Demo;

/// <summary>`mesh demo`: a day in an organisation, through the gateway only. Exit code 0 only if everything that was expected was seen.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var language = new Option<string>("--language") { Description = "Language of what the demo says: en or ar", DefaultValueFactory = _ => "en" }.AcceptOnlyFromAmong("en", "ar");
        var limit = new Option<int>("--timeout") { Description = "Give up after so many seconds", DefaultValueFactory = _ => 600 };
        var command = new Command("demo", "Live a day in an organisation on a running mesh, sixty letters, and check that everything is told as it was done") { MeshOptions.Port, MeshOptions.Data, language, limit };
        command.SetAction(async (arguments, cancellation) =>
        {
            var data = MeshOptions.DataFolder(arguments, TyeApplication.Find());
            var words = new Words(arguments.GetValue(language) == "ar");
            var url = arguments.GetValue(MeshOptions.Port) is { } port ? $"http://localhost:{port}" : MeshRecord.Load(data)?.Url ?? $"http://localhost:{MeshOptions.DefaultPort}";
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            deadline.CancelAfter(TimeSpan.FromSeconds(arguments.GetValue(limit)));
            var story = new DemoStory(words);
            try
            {
                using var gateway = new GatewayClient(new Uri(url), words, deadline.Token);
                await story.RunAsync(gateway, Operator(data, words), deadline.Token);
                return 0;
            }
            catch (Exception unlike) when (unlike is KeyNotFoundException or InvalidOperationException or FormatException or JsonException)
            {
                throw new MeshException(words.Of("an answer is not as documented ({0}) while {1}", "جواب ليس كما هو موثق ({0}) أثناء {1}", unlike.Message, story.Doing), unlike);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new MeshException(words.Of("gave up after {0} s while {1}", "انتهت المهلة ({0} ث) أثناء {1}", arguments.GetValue(limit), story.Doing));
            }
        });
        return command;
    }

    private static Account Operator(DataFolder data, Words words)
    {
        try
        {
            var account = JsonSerializer.Deserialize<OperatorAccount>(File.ReadAllBytes(data.Operator), MeshJson.Options)!;
            return new Account(account.Tenant, account.UserName, account.Password);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new MeshException(words.Of(
                "{0} cannot be read ({1}): start the mesh with `up` first, with the same --data", "تعذرت قراءة {0} ({1}): شغّل الشبكة أولا بالأمر up وبالخيار --data نفسه", data.Operator, exception.Message), exception);
        }
    }
}
