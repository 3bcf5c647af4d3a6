using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Circuits;

/// <summary>POST /api/correspondence/circuits/{id}/retire: no further letter is sent by this version. Letters on their way go on; to repeat it is harmless.</summary>
public static class RetireCircuit
{
    public static async Task<Results<Ok<CircuitView>, ProblemHttpResult>> HandleAsync(Guid id, CorrespondenceDbContext db, CancellationToken cancel)
    {
        if (await db.Circuits.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } circuit)
            return CommonProblems.NotFound.Result();
        if (circuit.State != CircuitState.Retired)
        {
            circuit.State = CircuitState.Retired;
            circuit.Revision++;
            await db.SaveChangesAsync(cancel);
        }
        return TypedResults.Ok(CircuitView.Of(circuit));
    }
}
