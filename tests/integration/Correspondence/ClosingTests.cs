using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Correspondence;

[Collection(nameof(CorrespondenceMesh))]
public sealed class ClosingTests(CorrespondenceMesh mesh)
{
    [Fact]
    public async Task A_letter_is_closed_with_its_referrals_and_only_a_closed_one_is_reopened()
    {
        var office = await mesh.OfficeAsync();
        var letter = await office.RegisterAsync();
        using var referred = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/referrals", new { items = new[] { new { purpose = "action", user = "head" } } });
        var referral = (await referred.JsonAsync()).GetProperty("items")[0].GetProperty("id").GetGuid();
        Assert.Equal("letter-not-closed", await CodeAsync(office, letter, "reopen", new { reason = "x" }));
        Assert.Null(await CodeAsync(office, letter, "close", new { mode = "action-taken", comment = "أنجز" }));
        Assert.Null(await CodeAsync(office, letter, "close", new { mode = "action-taken" }));
        Assert.Equal("letter-closed", await CodeAsync(office, letter, "close", new { mode = "filed" }));
        Assert.Equal("letter-final", await CodeAsync(office, letter, "routing", Office.Steps(office.Head)));
        Assert.Equal("closed", (await office.Clerk.Letters.GetFromJsonAsync<JsonElement>($"api/correspondence/referrals/{referral}")).Text("state"));
        Assert.Null(await CodeAsync(office, letter, "reopen", new { reason = "ورد رد" }));
        Assert.Equal("registered", (await office.ReachedAsync(letter, "registered")).Text("status"));
        await office.RouteAsync(letter, office.Head);
        Assert.Equal("routing-under-way", await CodeAsync(office, letter, "close", new { mode = "filed" }));
        await Office.DecideAsync(office.Head, letter, "reject", "لا");
        await office.ReachedAsync(letter, "rejected");
        Assert.Null(await CodeAsync(office, letter, "close", new { mode = "filed" }));
        Assert.Null(await CodeAsync(office, letter, "reopen", new { reason = "خطأ" }));
        // What was rejected stays rejected.
        await office.ReachedAsync(letter, "rejected");
        Assert.Equal(["closed", "reopened", "closed", "reopened"], (await office.KindsAsync(letter)).Where(kind => kind is "closed" or "reopened"));
    }

    private static async Task<string?> CodeAsync(Office office, Guid letter, string act, object body)
    {
        using var answer = await office.Clerk.Letters.PostAsJsonAsync($"{Office.Letters}/{letter}/{act}", body);
        if (answer.StatusCode == HttpStatusCode.NoContent)
            return null;
        return (await answer.JsonAsync()).Text("code");
    }
}
