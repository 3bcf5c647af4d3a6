using System.Buffers.Binary;
using System.Net;
using Tarasol.Tests.E2e.Api;

namespace Tarasol.Tests.E2e.Stories;

[Collection(nameof(SharedMesh))]
[Trait("Scale", "large")]
public sealed class RegisterStories(SharedMesh shared)
{
    [Fact]
    public async Task A_void_number_stays_in_the_register_which_proves_itself()
    {
        var office = await Office.OpenAsync(shared, "story-void", "en");
        var (clerk, auditor) = (await office.HireAsync("huda", "registry-clerk"), await office.HireAsync("auditor", "auditor"));
        var (first, wrong) = (await RegisterAsync("First"), await RegisterAsync("Not for us"));

        await clerk.VoidsAsync(wrong.Number!, "Delivered to us by mistake");
        await Office.IsRefusedAsync(HttpStatusCode.Conflict, "number-is-void", $"The number {wrong.Number} is void already.", () => clerk.VoidsAsync(wrong.Number!, "Again"));
        await Office.IsRefusedAsync(HttpStatusCode.NotFound, "number-not-given", "The number IN/REG/1999/00001 was never given.", () => clerk.VoidsAsync("IN/REG/1999/00001", "A guess"));
        var third = await RegisterAsync("Third");

        // Nobody gets the void number again, and it is not forgotten.
        Assert.Equal($"IN/REG/{DateTime.UtcNow.Year}/00003", third.Number);
        var entries = (await auditor.ListsAsync("/api/numbering/register")).Where(entry => entry.Text("kind") is "allocated" or "voided").ToList();
        Assert.Equal(
            [("allocated", first.Number), ("allocated", wrong.Number), ("voided", wrong.Number), ("allocated", third.Number)],
            entries.Select(entry => (entry.Text("kind"), (string?)entry.Text("referenceNumber"))));
        Assert.Equal(("Delivered to us by mistake", "huda"), (entries[2].Text("text"), entries[2].Text("actor")));

        // Whoever has the export can check it without us, and would notice a changed word.
        using var folder = new TemporaryFolder();
        var (export, forged) = (Path.Combine(folder.Path, "export"), Path.Combine(folder.Path, "forged"));
        var (_, bytes) = await auditor.DownloadsAsync("/api/numbering/register/export");
        await File.WriteAllBytesAsync(export, bytes, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(forged, (await File.ReadAllTextAsync(export, TestContext.Current.CancellationToken)).Replace("by mistake", "on purpose", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var verdicts = await Task.WhenAll(MeshProcess.RunAsync("verify-register", "--file", export), MeshProcess.RunAsync("verify-register", "--file", forged));
        Assert.True(verdicts[0].ExitCode == 0, verdicts[0].Output);
        Assert.Contains("numbers 1 to 3, 1 of them void", verdicts[0].Output, StringComparison.Ordinal);
        Assert.True(verdicts[1].ExitCode == 1, verdicts[1].Output);
        Assert.Contains("is NOT right", verdicts[1].Output, StringComparison.Ordinal);

        Task<Letter> RegisterAsync(string subject) => clerk.RegistersAsync(new("incoming", subject) { Language = "en" });
    }

    [Fact]
    public async Task ملصق_الخطاب_صورة_و_pdf_ولا_ملصق_لما_لم_يرقم()
    {
        var office = await Office.OpenAsync(shared, "story-label", "ar");
        var clerk = await office.HireAsync("huda", "registry-clerk");
        var (incoming, draft) = (await clerk.RegistersAsync(new("incoming", "طلب تزويد بإحصاءات")), await clerk.RegistersAsync(new("outgoing", "مسودة رد")));

        var (type, picture) = await clerk.DownloadsAsync($"/api/numbering/labels/{incoming}?format=png");
        Assert.Equal(("image/png", "\u0089PNG"), (type, string.Concat(picture.Take(4).Select(each => (char)each))));
        // 100 by 50 mm.
        Assert.Equal(2.0, BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)) / (double)BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(20)), 0.02);
        var (kind, page) = await clerk.DownloadsAsync($"/api/numbering/labels/{incoming}?format=pdf");
        Assert.Equal(("application/pdf", "%PDF-"), (kind, string.Concat(page.Take(5).Select(each => (char)each))));

        await Office.IsRefusedAsync(HttpStatusCode.NotFound, "not-found", "لا يوجد هنا ما طلبته.", () => clerk.DoAsync(HttpMethod.Get, $"/api/numbering/labels/{draft}?format=png"));
        await Office.IsInvalidAsync("format", "يجب أن يكون واحدا من: png, pdf", () => clerk.DoAsync(HttpMethod.Get, $"/api/numbering/labels/{incoming}?format=gif"));
    }
}
