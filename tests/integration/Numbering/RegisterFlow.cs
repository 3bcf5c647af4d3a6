using Tarasol.Tests.Integration.Correspondence;

namespace Tarasol.Tests.Integration.Numbering;

/// <summary>A bit of everything that can happen to numbers, for every database program.</summary>
internal static class RegisterFlow
{
    public static async Task RunAsync(NumberOffice office)
    {
        Assert.Equal("IN/ROOT/2026/00001", await office.TakeAsync("ROOT"));
        var block = await office.PostAsync("api/numbering/blocks", new { series = "incoming", count = 4, purpose = "سجل ورقي", unitId = office.Root, date = "2026-05-01" });
        Assert.Equal(("IN/ROOT/2026/00002", "IN/ROOT/2026/00005"), (block.Text("firstNumber"), block.Text("lastNumber")));
        Assert.Equal("IN/ROOT/2026/00006", await office.TakeAsync("ROOT"));
        var path = $"api/numbering/blocks/{block.Text("id")}";
        Assert.Equal("IN/ROOT/2026/00002", (await office.PostAsync($"{path}/take", new { letterId = Guid.CreateVersion7() })).Text("referenceNumber"));
        Assert.Equal("IN/ROOT/2026/00003", (await office.PostAsync($"{path}/take", new { note = "ص 3" })).Text("referenceNumber"));
        Assert.Equal(0, (await office.PostAsync($"{path}/release", new { reason = "the paper register is closed" })).GetProperty("left").GetInt64());
        await office.PostAsync("api/numbering/voids", new { referenceNumber = "IN/ROOT/2026/00001", reason = "قيد مكرر" });
        Assert.Equal("IN/ROOT/2026/00007", await office.TakeAsync("ROOT"));
    }
}
