using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Circuits;

/// <summary>POST /api/correspondence/circuits/{id}/check: all that publishing would refuse, without publishing.</summary>
public static class CheckCircuit
{
    public sealed record Response(bool Sound, IReadOnlyList<Finding> Findings);

    public static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(Guid id, PeopleToAsk people, CorrespondenceDbContext db, CancellationToken cancel)
    {
        if (await db.Circuits.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } circuit)
            return CommonProblems.NotFound.Result();
        var steps = circuit.Steps();
        var findings = CircuitCheck.Of(steps, await people.OfAsync(steps, cancel));
        return TypedResults.Ok(new Response(findings.Count == 0, findings));
    }
}
