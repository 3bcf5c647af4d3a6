using System.Net;
using System.Net.Http.Json;
using System.Text;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Identity;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Numbering;

/// <summary>Labels of letters; what is painted on them is tested with the rules.</summary>
[Collection(nameof(CorrespondenceMesh))]
public sealed class LabelTests(CorrespondenceMesh mesh)
{
    [Fact]
    public async Task A_letter_s_label_comes_as_a_picture_and_as_a_page()
    {
        var office = await mesh.OfficeAsync();
        var letter = await office.RegisterAsync();
        using var clerk = ClientOf(office.Clerk);
        using var picture = await clerk.GetAsync(Label(letter));
        Assert.Equal((HttpStatusCode.OK, "image/png"), (picture.StatusCode, picture.Content.Headers.ContentType?.MediaType));
        using var page = await clerk.GetAsync(Label(letter, "?format=pdf"));
        Assert.Equal((HttpStatusCode.OK, "application/pdf"), (page.StatusCode, page.Content.Headers.ContentType?.MediaType));
        Assert.StartsWith("%PDF-1.", Encoding.ASCII.GetString(await page.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)), StringComparison.Ordinal);
        using var wrong = await clerk.GetAsync(Label(letter, "?format=gif"));
        Assert.Equal(["format"], await wrong.BadFieldsAsync());
    }

    [Fact]
    public async Task A_letter_that_one_may_not_read_and_one_without_a_number_have_no_label()
    {
        var office = await mesh.OfficeAsync();
        using var made = await office.Head.Letters.PostAsJsonAsync(Office.Letters, office.Letter(confidentiality: "secret"));
        await TestMesh.EnsureAsync(made);
        var secret = Guid.Parse((await made.TextAsync("id"))!);
        using var clerk = ClientOf(office.Clerk);
        using var head = ClientOf(office.Head);
        foreach (var (client, letter, expected) in new[]
                 {
                     (head, secret, HttpStatusCode.OK), (clerk, secret, HttpStatusCode.NotFound), (clerk, await office.RegisterAsync("outgoing"), HttpStatusCode.NotFound),
                     (clerk, Guid.CreateVersion7(), HttpStatusCode.NotFound),
                 })
        {
            using var answer = await client.GetAsync(Label(letter));
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    private HttpClient ClientOf(Person person) => mesh.Client("numbering", person.Letters.DefaultRequestHeaders.Authorization!.Parameter);

    private static Uri Label(Guid letter, string query = "") => new($"api/numbering/labels/{letter}{query}", UriKind.Relative);
}
