using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Data;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Correspondence.Circuits;

/// <summary>POST /api/correspondence/circuits/{id}/publish: letters are sent by this version from now on. An unsound one is refused, with all that is wrong; to repeat it is harmless.</summary>
public static class PublishCircuit
{
    public static readonly Problem Unsound = new("circuit-unsound", 409, new(
        "A letter could get stuck in this circuit; see errors for each place.", "قد يتوقف خطاب في هذا المسار؛ انظر الأخطاء لكل موضع."));

    public static async Task<Results<Ok<CircuitView>, ProblemHttpResult>> HandleAsync(
        Guid id, ClaimsPrincipal user, PeopleToAsk people, CorrespondenceDbContext db, IOutbox outbox, TimeProvider time, CancellationToken cancel)
    {
        if (await db.Circuits.FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } circuit)
            return CommonProblems.NotFound.Result();
        if (circuit.State == CircuitState.Published)
            return TypedResults.Ok(CircuitView.Of(circuit));
        if (circuit.State != CircuitState.Draft)
            return ChangeCircuit.NotDraft.Result(WireEnum.Name(circuit.State));
        var steps = circuit.Steps();
        if (CircuitCheck.Of(steps, await people.OfAsync(steps, cancel)) is { Count: > 0 } findings)
        {
            var details = Unsound.Details();
            details.Extensions["errors"] = findings.GroupBy(finding => finding.At).ToDictionary(place => place.Key, place => place.Select(finding => finding.Text).ToArray());
            return TypedResults.Problem(details);
        }
        circuit.State = CircuitState.Published;
        circuit.PublishedBy = user.UserName();
        circuit.PublishedAt = time.GetUtcNow();
        circuit.Revision++;
        outbox.Add(new CircuitPublished(circuit.Id, circuit.Code, circuit.Version, circuit.NameAr, circuit.NameEn, circuit.PublishedAt.Value));
        await db.SaveChangesAsync(cancel);
        return TypedResults.Ok(CircuitView.Of(circuit));
    }
}
