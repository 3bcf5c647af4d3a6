using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Correspondence;

/// <summary>Registering a letter costs the same however many there are: nothing is looked for by going through a table, nor through all letters of a kind.</summary>
[Collection(nameof(CorrespondenceMesh))]
[Trait("Scale", "large")]
public sealed class RegistrationCostTests(CorrespondenceMesh mesh)
{
    [Fact]
    public async Task Every_statement_of_a_registration_goes_by_a_key_or_by_what_few_letters_share()
    {
        var office = await mesh.NewOfficeAsync();
        var queries = new AskedQueries(Path.Combine(mesh.Data, "tenants", office.Slug, "correspondence.db"));
        using (queries.Listen())
        {
            foreach (var direction in new[] { "incoming", "outgoing", "internal" })
            {
                var letter = office.Letter(direction);
                letter["senderReference"] = "MW-17/2026";
                await Office.RegisterAsync(office.Clerk, letter);
            }
        }

        var plans = await queries.PlansAsync();
        foreach (var (sql, plan) in plans)
        {
            Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal) || step.Contains("TEMP B-TREE", StringComparison.Ordinal));
            // Likely duplicates: not among all letters of the direction.
            if (sql.Contains("\"sender_reference_key\" =", StringComparison.Ordinal))
                Assert.Contains(plan, step => step.Contains("ix_letter_sender_reference_key (sender_reference_key=?", StringComparison.Ordinal));
            if (sql.Contains("\"sender_key\" =", StringComparison.Ordinal))
                Assert.Contains(plan, step => step.Contains("ix_letter_sender_key (sender_key=?", StringComparison.Ordinal));
        }
        foreach (var key in new[] { "\"sender_reference_key\" =", "\"sender_key\" =" })
            Assert.Contains(plans, each => each.Sql.Contains(key, StringComparison.Ordinal));
    }
}
