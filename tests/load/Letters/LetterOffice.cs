using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Load.Tenants;

namespace Tarasol.Tests.Load.Letters;

/// <summary>A tenant with a clerk who registers letters and a head who has to approve all of them.</summary>
internal sealed class LetterOffice(MeshUnderLoad mesh, TenantDatabase databases, Guid unit)
{
    public const string Head = "head";
    public const string Clerk = "clerk";
    private const string Password = "Korrekt-9-Pferd";
    private const int Units = 50;
    private const int Senders = 100;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly string[] Directions = ["incoming", "incoming", "incoming", "outgoing", "internal"];
    private static readonly string[] Urgencies = ["normal", "normal", "urgent", "very-urgent"];
    private static readonly string[] Levels = ["normal", "normal", "normal", "normal", "restricted", "secret", "top-secret"];
    private int registered;

    public TenantDatabase Databases => databases;

    public static async Task<LetterOffice> MakeAsync(MeshUnderLoad mesh, HttpClient operators, TenantDatabase databases, object? place, CancellationToken cancel)
    {
        using var made = await operators.PostAsJsonAsync(
            "api/tenant/tenants", new { slug = databases.Slug, nameAr = "جهة", nameEn = "Office", adminUserName = "admin", adminPassword = Password, database = place }, cancel);
        made.EnsureSuccessStatusCode();
        while ((await operators.GetFromJsonAsync<JsonElement>($"api/tenant/tenants/{databases.Slug}", cancel)).GetProperty("status").GetString() != "active")
            await Task.Delay(50, cancel);
        using var admin = await mesh.SignInAsync(databases.Slug, "admin", Password, cancel);
        var units = new List<Guid>();
        for (var number = 0; number < Units; number++)
            units.Add((await PostAsync(admin, "api/directory/units", new { code = $"U{number}", nameAr = "وحدة من وحدات الجهة", nameEn = "A unit of the office" }, cancel)).GetProperty("id").GetGuid());
        foreach (var (userName, role) in new[] { (Clerk, "registry-clerk"), (Head, "unit-head") })
            await PostAsync(admin, "api/identity/users", new { userName, password = Password, displayNameAr = "موظف", displayNameEn = "Employee", roles = new[] { role }, clearance = 3, unitId = units[0] }, cancel);
        return new(mesh, databases, units[0]);
    }

    public Task<HttpClient> SignInAsync(string userName, CancellationToken cancel) => mesh.SignInAsync(databases.Slug, userName, Password, cancel);

    /// <summary>A letter like none before, of one of a hundred senders.</summary>
    public async Task<Guid> RegisterAsync(HttpClient clerk, bool incoming, CancellationToken cancel)
    {
        var number = Interlocked.Increment(ref registered);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/correspondence/letters")
        {
            Content = JsonContent.Create(new
            {
                direction = incoming ? Directions[0] : Directions[number % Directions.Length],
                subject = $"طلب تزويد بإحصاءات عن الموازنة رقم {number}",
                subjectEn = $"Request for statistics on the budget, number {number}",
                language = "ar",
                urgency = Urgencies[number % Urgencies.Length],
                confidentiality = Levels[number % Levels.Length],
                sender = new { name = $"مركز الإحصاء {number % Senders}" },
                senderReference = $"CS-{number}/2026",
                recipients = new[] { "المدير العام" },
                documentDate = DateTime.UtcNow.AddDays(-2).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
                ownerUnitId = unit,
                needsReply = number % 10 == 0,
                body = "نرجو التكرم بتزويدنا بالإحصاءات المطلوبة في موعد أقصاه نهاية الشهر الجاري.",
            }),
            Headers = { { "Idempotency-Key", $"load-{number}" } },
        };
        return (await SendAsync(clerk, request, cancel)).GetProperty("id").GetGuid();
    }

    /// <summary>Registers letters of all kinds and sends each to the head; the first and the last.</summary>
    public async Task<(Guid First, Guid Last)> SeedAsync(int count, CancellationToken cancel)
    {
        using var clerk = await SignInAsync(Clerk, cancel);
        var letters = new List<Guid>();
        for (var number = 0; number < count; number++)
        {
            letters.Add(await RegisterAsync(clerk, false, cancel));
            await PostAsync(clerk, $"api/correspondence/letters/{letters[^1]}/routing", new { steps = new[] { new { kind = "approve", assignee = Head, dueInHours = 240 } } }, cancel);
        }
        // The head has all of them, their due times are watched, and everything that happened is in the trail.
        await UntilAsync("task", "SELECT COUNT(*) FROM work_item WHERE watch = 'Running'", count, cancel);
        await UntilAsync("audit", "SELECT COUNT(*) FROM audit_entry WHERE type = 'task.task-opened.v1'", count, cancel);
        return (letters[0], letters[^1]);
    }

    /// <summary>Waits until a count is there.</summary>
    public async Task UntilAsync(string appId, string sql, long count, CancellationToken cancel, params (string Name, object Value)[] parameters)
    {
        await using var connection = await databases.OpenAsync(appId, cancel);
        var deadline = DateTime.UtcNow + Limit;
        while (await connection.AskAsync<long>(sql, cancel, parameters) < count)
        {
            if (DateTime.UtcNow > deadline)
                throw new TimeoutException($"There were not {count} after {Limit.TotalMinutes} minutes: {sql}");
            await Task.Delay(20, cancel);
        }
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        return await SendAsync(client, request, cancel);
    }

    private static async Task<JsonElement> SendAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancel)
    {
        using var answer = await client.SendAsync(request, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new InvalidOperationException($"{request.RequestUri}: {(int)answer.StatusCode} {text}");
    }
}
