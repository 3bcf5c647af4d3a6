using System.ComponentModel.DataAnnotations;
using Dapr;
using Dapr.Actors;
using Dapr.Actors.Client;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Numbering.Catalogue;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Masks;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Numbers;

/// <summary>POST /internal/numbers: gives a letter its reference number. Asked again for the same letter, the answer is the same.</summary>
public static class AllocateNumber
{
    public static readonly Problem NoSeries = new("series-missing", 409, new("There is no number series for {0} letters of the unit {1}.", "لا توجد سلسلة ترقيم للخطابات {0} للوحدة {1}."));
    public static readonly Problem Taken = new("reference-number-taken", 409, new(
        "The next number of series {0} is {1}, but series {2} has already given that number; make their masks differ.",
        "الرقم التالي في السلسلة {0} هو {1}، وقد سبق أن أعطته السلسلة {2}؛ اجعل قناعيهما مختلفين."));

    /// <summary>What codes of units and letter types are made of.</summary>
    internal const string Code = "^[A-Za-z0-9\\u0600-\\u06FF-]+$";

    private const int MostChoices = 3;
    private static readonly Text BadDate = new("must be from 1900-04-30 to 2077-11-16", "يجب أن يكون من 1900-04-30 إلى 2077-11-16");
    private static readonly Text NoLetter = new("must not be empty", "يجب ألا يكون فارغا");

    /// <param name="LetterId">The letter.</param>
    /// <param name="Direction">Chooses the series.</param>
    /// <param name="UnitCode">Code of the unit that owns the letter: chooses the series and fills {unit}.</param>
    /// <param name="Date">The day in the tenant's time on which the letter gets its number; the sequence begins again with each year of it.</param>
    /// <param name="LetterTypeCode">Code of the letter's type: chooses the series and fills {type}; null: it has none.</param>
    public sealed record Request(
        Guid LetterId, Direction Direction, [Required, MaxLength(40), RegularExpression(Code)] string UnitCode, DateOnly Date,
        [MinLength(1), MaxLength(40), RegularExpression(Code)] string? LetterTypeCode = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (LetterId == Guid.Empty)
                errors.Add("letterId", NoLetter);
            if (!NumberMask.Supports(Date))
                errors.Add("date", BadDate);
        }
    }

    public sealed record Response(string ReferenceNumber, string Series, string Period, long Sequence);

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Body<Request> body, SeriesChoice choice, CurrentTenant tenant, NumberingDbContext db, IActorProxyFactory actors, HttpContext http, ILogger<SeriesActorId> log, CancellationToken cancel)
    {
        var request = body.Value;
        // Whoever asks again, since the first answer came too late or got lost, does not wait for the series once more: else a crowd of them would hold up itself.
        if (await db.Allocations.AsNoTracking().FirstOrDefaultAsync(given => given.LetterId == request.LetterId, cancel) is { } before)
            return TypedResults.Ok(new Response(before.ReferenceNumber, before.Series, before.Period, before.Sequence));
        for (var attempt = 1; await choice.ForAsync(request.Direction, request.UnitCode, request.LetterTypeCode, cancel) is { } series; attempt++)
        {
            // A typed proxy would make its serializer anew, and compile it, for every letter; nor would it take the cancellation.
            var actor = actors.Create(new SeriesActorId(tenant.Slug, series.Key).ToActorId(), nameof(SeriesActor));
            try
            {
                var answer = await actor.InvokeMethodAsync<AllocationRequest, AllocationAnswer>(
                    nameof(ISeriesActor.AllocateAsync), new(request.LetterId, request.UnitCode, request.Date, http.Features.Get<OnBehalfOf>()?.Person.UserName()), cancel);
                // Closed between choice and call: the next best one is chosen.
                if (answer.Closed && attempt < MostChoices)
                    continue;
                if (answer.Closed)
                    return CommonProblems.Unavailable.Result("numbering");
                return answer.TakenBySeries is { } other
                    ? Taken.Result(answer.Series, answer.ReferenceNumber, other)
                    : TypedResults.Ok(new Response(answer.ReferenceNumber, answer.Series, answer.Period, answer.Sequence));
            }
            catch (Exception away) when (away is DaprException or ActorInvokeException or HttpRequestException or OperationCanceledException && !cancel.IsCancellationRequested)
            {
                // Asking again is harmless whatever became of this call.
                log.LogWarning(away, "The actor of series {Series} did not answer", series.Key);
                return CommonProblems.Unavailable.Result("numbering");
            }
        }
        return NoSeries.Result(WireEnum.Name(request.Direction), request.UnitCode);
    }
}
