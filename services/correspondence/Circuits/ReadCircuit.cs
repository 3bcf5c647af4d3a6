using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Problems;

namespace Tarasol.Correspondence.Circuits;

/// <summary>GET /api/correspondence/circuits/{id}</summary>
public static class ReadCircuit
{
    public static async Task<Results<Ok<CircuitView>, ProblemHttpResult>> HandleAsync(Guid id, CorrespondenceDbContext db, CancellationToken cancel) =>
        await db.Circuits.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancel) is { } circuit ? TypedResults.Ok(CircuitView.Of(circuit)) : CommonProblems.NotFound.Result();
}
