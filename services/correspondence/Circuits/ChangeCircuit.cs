using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Circuits;

/// <summary>PUT /api/correspondence/circuits/{id}: other names and steps for a draft. A published version stays as it is; draft the next one.</summary>
public static class ChangeCircuit
{
    public static readonly Problem NotDraft = new("circuit-not-draft", 409, new(
        "This version is {0} and cannot be changed; draft the next version.", "حالة هذا الإصدار {0} ولا يمكن تغييره؛ أنشئ مسودة الإصدار التالي."));

    public sealed record Request(
        [Required, MaxLength(200)] string NameAr,
        [Required, MaxLength(200)] string NameEn,
        [MinLength(1), MaxLength(30)] IReadOnlyList<CircuitStep> Steps);

    public static async Task<Results<Ok<CircuitView>, ProblemHttpResult>> HandleAsync(Guid id, Body<Request> body, CorrespondenceDbContext db, CancellationToken cancel)
    {
        if (await db.Circuits.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } circuit)
            return CommonProblems.NotFound.Result();
        if (circuit.State != CircuitState.Draft)
            return NotDraft.Result(WireEnum.Name(circuit.State));
        circuit.NameAr = body.Value.NameAr;
        circuit.NameEn = body.Value.NameEn;
        circuit.Definition = Circuit.Write(body.Value.Steps);
        circuit.Revision++;
        await db.SaveChangesAsync(cancel);
        return TypedResults.Ok(CircuitView.Of(circuit));
    }
}
