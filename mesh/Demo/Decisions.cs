using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Tarasol.Mesh.Demo;

/// <summary>Everybody who approves, comments or signs looks into their inbox and decides what is there, several letters at once, until nothing is awaited any more.</summary>
internal sealed class Decisions(Day day)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    /// <summary>The kind of the timeline for each decision.</summary>
    private static readonly IReadOnlyDictionary<string, string> Past = new Dictionary<string, string>
    {
        ["approve"] = "step-approved", ["sign"] = "step-signed", ["comment"] = "step-commented", ["return"] = "step-returned", ["reject"] = "step-rejected",
    };

    public async Task RunAsync(CancellationToken deadline)
    {
        var letters = day.Letters.Where(letter => letter.Awaited > 0).ToDictionary(letter => letter.Id);
        var (all, done, told) = (letters.Values.Sum(letter => letter.Awaited), 0, Stopwatch.StartNew());
        await day.StepAsync(day.Words.Of("{0} letters are decided about", "البت في {0} خطابا", letters.Count), async far =>
        {
            await Task.WhenAll(day.People.Deciders.Select(person => DecideAsync(person, letters, count =>
            {
                // A return or a rejection ends a letter's way before all were asked.
                var soFar = day.Words.Of("{0} of at most {1} decisions", "{0} قرارا من {1} على الأكثر", Interlocked.Add(ref done, count), all);
                far(soFar);
                if (Day.IsTime(told))
                    Day.Tell(soFar);
            }, deadline)));
            // The last decision of a letter and its end are two moments.
            await day.UntilAsync(async () => (await day.ListAsync(day.People.Clerk, "/api/correspondence/letters?status=in-routing")).Count == 0);
        });
    }

    private async Task DecideAsync(Account person, Dictionary<string, DemoLetter> letters, Action<int> decided, CancellationToken deadline)
    {
        while (letters.Values.Any(letter => letter.Awaited > 0))
        {
            var tasks = (await day.ListAsync(person, "/api/task/inbox?view=to-do"))
                .Where(task => task.Text("kind") is "approve" or "sign" or "comment" && letters.ContainsKey(task.Text("letterId")!)).ToList();
            if (tasks.Count == 0)
            {
                await Task.Delay(LookAgain, deadline);
                continue;
            }

            var decisions = tasks.ConvertAll(task => Decision(task, letters[task.Text("letterId")!], person));
            var answer = await day.Gateway.PostAsync(person, "/api/task/decisions", new
            {
                items = tasks.Zip(decisions).Select(each => new { taskId = each.First.Id(), decision = each.Second.Decision, comment = each.Second.Comment }),
            }, HttpStatusCode.OK);
            foreach (var (task, (decision, _), result) in tasks.Zip(decisions, answer.Body.GetProperty("results").EnumerateArray()))
            {
                var letter = letters[task.Text("letterId")!];
                day.Expect(result.GetProperty("status").GetInt32() == (int)HttpStatusCode.NoContent, letter, result.GetRawText());
                if (task.Text("onBehalfOf") is not null)
                    day.AddOnBehalf(letter);
                Took(letter, decision);
            }

            decided(tasks.Count);
        }
    }

    private static void Took(DemoLetter letter, string decision)
    {
        letter.Did(Past[decision], "correspondence.step-decided.v1");
        if (!letter.Decided(endsAll: decision is "return" or "reject"))
            return;
        letter.Did("completed", "correspondence.routing-completed.v1");
        if (decision is not ("return" or "reject") && !letter.Sample.IsIncoming)
            Desk.Numbered(letter);
    }

    private (string Decision, string Comment) Decision(JsonElement task, DemoLetter letter, Account person)
    {
        var (kind, sample, isLast) = (task.Text("kind")!, letter.Sample, person == day.People.Signatory);
        if (kind == "comment")
            return (kind, day.Words.Of("No legal objection.", "لا مانع من الناحية القانونية."));
        if (isLast && sample.Outcome == "rejected")
            return ("reject", Words(sample.Comment!));
        if (!isLast && (sample.Outcome == "returned" || sample.Outcome == "corrected" && !letter.IsCorrected))
            return ("return", Words(sample.Comment!));
        return (kind, kind == "sign" ? day.Words.Of("Signed.", "وُقع.") : day.Words.Of("Approved.", "لا مانع، يعتمد."));
    }

    private string Words(SampleComment comment) => day.Words.Of(comment.En, comment.Ar);
}
