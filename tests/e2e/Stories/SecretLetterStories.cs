using System.Net;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class SecretLetterStories(SharedMesh shared)
{
    [Fact]
    public async Task A_secret_letter_does_not_exist_for_a_clerk_who_is_not_cleared()
    {
        var office = await Office.OpenAsync(shared, "story-secret", "en");
        var (secretary, clerk) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("omar", "registry-clerk", clearance: 0));
        var before = await clerk.RegistersAsync(new("incoming", "Invitation") { Language = "en" });
        var secret = await secretary.RegistersAsync(new("incoming", "Inquiry into the invitation")
        {
            Language = "en", Confidentiality = "secret", SenderReference = "X/9", Links = [new("replies-to", before.Id)],
        });
        await secretary.LinksAsync(before, "relates", secret);

        // Not by lists, counts and searches, nor by its id.
        Assert.Equal([before.Id], (await clerk.ListsAsync("/api/correspondence/letters")).Select(letter => letter.Text("id")));
        Assert.Equal(1, (await clerk.DoAsync(HttpMethod.Get, "/api/correspondence/letters/counts")).GetProperty("total").GetInt32());
        Assert.Empty(await clerk.ListsAsync("/api/correspondence/letters?text=inquiry"));
        foreach (var path in new[] { "", "/timeline", "/links" })
            await NotThereAsync(() => clerk.DoAsync(HttpMethod.Get, $"/api/correspondence/letters/{secret}{path}"));
        await NotThereAsync(() => clerk.ClosesAsync(secret, "filed"));

        // Not by what it is to other letters, nor by what others are to it.
        Assert.Empty(await clerk.ListsLinksAsync(before));
        Assert.DoesNotContain("linked", (await clerk.ReadsTimelineAsync(before)).Select(each => each.Text("kind")));
        await Office.IsInvalidAsync("links[0].letterId", "is not a letter here", () => clerk.RegistersAsync(new("incoming", "Guess") { Links = [new("relates", secret.Id)] }));
        Assert.Empty((await clerk.RegistersAsync(new("incoming", "Something else") { Language = "en", SenderReference = "X/9" })).Duplicates);
        await Office.IsInvalidAsync("items[0].user", "is not cleared for this letter", () => secretary.RefersAsync(secret, "action", "Please", clerk));

        // Not by its number either: neither its label nor whether it was given.
        await NotThereAsync(() => clerk.DoAsync(HttpMethod.Get, $"/api/numbering/labels/{secret}?format=png"));
        foreach (var number in new[] { secret.Number!, "IN/REG/1999/00001" })
            await Office.IsRefusedAsync(HttpStatusCode.Forbidden, "forbidden", "You may not do this.", () => clerk.VoidsAsync(number, "A guess"));
        Assert.Equal(2, (await secretary.ListsLinksAsync(before)).Count);

        static Task NotThereAsync(Func<Task> act) => Office.IsRefusedAsync(HttpStatusCode.NotFound, "not-found", "There is no such thing here.", act);
    }
}
