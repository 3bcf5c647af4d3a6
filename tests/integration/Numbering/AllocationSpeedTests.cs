using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Numbering;

/// <summary>A number costs the same in a register of many series and entries as in an empty one: nothing is looked for by going through a table.</summary>
[Collection(RegistryCollection.Name)]
public class AllocationSpeedTests(RegistryMesh mesh)
{
    [Fact]
    public async Task Every_query_for_a_number_goes_by_an_index()
    {
        var office = await NumberOffice.OfAsync(mesh);
        await office.CreatedAsync(new { key = "branch", direction = "incoming", mask = "B/{year}/{seq}", unitId = office.Root, subtree = true });
        var file = Path.Combine(mesh.Data, "tenants", office.Tenant.Slug, "numbering.db");
        var queries = new AskedQueries(file);
        using (queries.Listen())
        {
            await office.UnitAsync("FIN", office.Root);
            Assert.Equal("B/2026/1", await office.TakeAsync("FIN"));
            Assert.Equal("IN/OTHER/2026/00001", await office.TakeAsync("OTHER"));
        }

        foreach (var table in new[] { "allocation", "series", "series_mask", "register_entry", "register_end" })
            Assert.Contains(queries.All, query => query.Key.Contains($"FROM \"{table}\"", StringComparison.Ordinal));
        foreach (var (_, plan) in await queries.PlansAsync())
            Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal));
        // And a plan can tell.
        Assert.Contains(await queries.PlanAsync("SELECT * FROM allocation WHERE allocated_at = '2026'", []), step => step.StartsWith("SCAN", StringComparison.Ordinal));
    }
}
