using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;

namespace Tarasol.Mesh.Demo;

/// <summary>What the parts of the demo's day share: the mesh, the people, the units, the letters, and how it is told.</summary>
internal sealed class Day(GatewayClient gateway, Words words, CancellationToken deadline)
{
    // More would only wait for each other on a small machine.
    private const int AtOnce = 6;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);
    private readonly ConcurrentQueue<DemoLetter> letters = new();
    private readonly ConcurrentQueue<DemoLetter> behalf = new();

    public GatewayClient Gateway => gateway;

    public Words Words => words;

    /// <summary>Those of a tenant that there was not before.</summary>
    public People People { get; } = new($"demo-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5))}");

    /// <summary>Ids by the names of the demo.</summary>
    public Dictionary<string, string> Units { get; } = [];

    /// <summary>In the order of their registration.</summary>
    public IReadOnlyCollection<DemoLetter> Letters => letters;

    /// <summary>The letters about which the deputy decided for the head, once for each decision.</summary>
    public IReadOnlyCollection<DemoLetter> OnBehalf => behalf;

    /// <summary>What is under way, for the message when time runs out.</summary>
    public string Doing { get; private set; } = "";

    public DemoLetter Letter(string name) => letters.First(letter => letter.Sample.Name == name);

    public void Add(DemoLetter letter) => letters.Enqueue(letter);

    public void AddOnBehalf(DemoLetter letter) => behalf.Enqueue(letter);

    /// <summary>A part of the day begins.</summary>
    public void Hour(string hour, string en, string ar)
    {
        Screen.Say("");
        Screen.Say($"{hour}  {words.Of(en, ar)}");
    }

    /// <summary>Something worth telling.</summary>
    public static void Tell(string text) => Screen.Say($"     {text}");

    public Task StepAsync(string what, Func<Task> work) => StepAsync(what, _ => work());

    public async Task StepAsync(string what, Func<Action<string>, Task> work)
    {
        Doing = what;
        var began = Stopwatch.GetTimestamp();
        await work(far => Doing = $"{what}: {far}");
        Screen.Done(what, Stopwatch.GetElapsedTime(began));
    }

    /// <summary>The same with each of many, some at once; tells how far it is.</summary>
    public Task EachAsync<T>(string what, IReadOnlyCollection<T> all, Func<T, Task> each) => StepAsync(what, async far =>
    {
        var done = 0;
        var told = Stopwatch.StartNew();
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = deadline }, async (one, _) =>
        {
            await each(one);
            var now = Interlocked.Increment(ref done);
            var soFar = words.Of("{0} of {1}", "{0} من {1}", now, all.Count);
            far(soFar);
            if (now < all.Count && IsTime(told))
                Tell(soFar);
        });
    });

    /// <summary>True when nothing was told for a while.</summary>
    public static bool IsTime(Stopwatch told)
    {
        lock (told)
        {
            if (told.Elapsed < Silence)
                return false;
            told.Restart();
            return true;
        }
    }

    public async Task UntilAsync(Func<Task<bool>> seen)
    {
        while (!await seen())
            await Task.Delay(PollInterval, deadline);
    }

    /// <summary>All pages of a list.</summary>
    public async Task<List<JsonElement>> ListAsync(Account account, string path)
    {
        var items = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await gateway.GetAsync(account, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=200{(cursor.Length > 0 ? $"&cursor={Uri.EscapeDataString(cursor)}" : "")}");
            items.AddRange(page.Items());
            cursor = page.Text("next");
        }

        return items;
    }

    public void Expect(bool holds, DemoLetter letter, string problem)
    {
        if (!holds)
            throw new MeshException(words.Of("letter '{0}' ({1}): {2}", "الخطاب '{0}' ({1}): {2}", letter.Sample.Subject, letter.Id, problem));
    }

    public void Expect(bool holds, string en, string ar, params object?[] values)
    {
        if (!holds)
            throw new MeshException(words.Of(en, ar, values));
    }
}
