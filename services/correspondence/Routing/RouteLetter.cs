using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Correspondence;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Circuits;
using Tarasol.Correspondence.Data;
using Tarasol.Correspondence.Letters;
using Tarasol.Messaging;
using Tarasol.ServiceDefaults;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Sweeps;

namespace Tarasol.Correspondence.Routing;

/// <summary>
/// POST /api/correspondence/letters/{id}/routing: sends a letter through a published circuit, or by approvers who are given one by one. The routing is committed here; its workflow is scheduled right after,
/// by <see cref="StartRoutings"/>, which finds it also after a crash.
/// </summary>
public static class RouteLetter
{
    public static readonly Problem UnderWay = new("routing-under-way", 409, new("A routing of this letter is under way.", "لهذا الخطاب إحالة جارية."));

    private static readonly Text NoSuchUser = new("is not a user of this organisation", "ليس مستخدما في هذه الجهة");
    private static readonly Text NotCleared = new("is not cleared for this letter", "ليس لديه تصريح بالاطلاع على هذا الخطاب");

    private static readonly Text Needed = new("is required, or a circuit", "مطلوب، أو مسار");
    private static readonly Text NotBoth = new("cannot be given together with steps", "لا يرد مع الخطوات");
    private static readonly Text NoSuchCircuit = new("is not a published circuit", "ليس مسارا منشورا");
    private static readonly Text NotChosen = new("has to name who that is", "يجب أن يسمي المكلف");
    private static readonly Text NoSuchSlot = new("is not asked for by this circuit", "لا يطلبه هذا المسار");

    /// <summary>What can be asked of people who are given one by one.</summary>
    public enum PlainKind
    {
        Approve,
    }

    public sealed record Step(PlainKind Kind, [Required, MaxLength(256)] string Assignee, [Range(1, 8760)] int DueInHours);

    /// <param name="Steps">Approvers, one after the other.</param>
    /// <param name="Circuit">Code of a circuit; its newest published version is taken.</param>
    /// <param name="Chosen">User names for the circuit's slots.</param>
    public sealed record Request(
        [MinLength(1), MaxLength(20)] IReadOnlyList<Step>? Steps = null, [MaxLength(60)] string? Circuit = null, IReadOnlyDictionary<string, string>? Chosen = null) : IValidated
    {
        public void Validate(Errors errors)
        {
            if (Steps is null && string.IsNullOrEmpty(Circuit))
                errors.Add("steps", Needed);
            if (Steps is not null && Circuit is not null)
                errors.Add("circuit", NotBoth);
            if (Steps is not null && Chosen is not null)
                errors.Add("chosen", NotBoth);
        }
    }

    // What keys were remembered with before there were circuits.
    private sealed record PlainRequest(IReadOnlyList<Step> Steps);

    public sealed record Response(Guid RoutingId);

    public static async Task<Results<Accepted<Response>, ProblemHttpResult>> HandleAsync(
        Guid id, Body<Request> body, IdempotencyKey key, HttpContext context, ClaimsPrincipal user, VisibleLetters visible, CorrespondenceDbContext db, IOutbox outbox, People people,
        SweepSignal<StartRoutings> start, CurrentTenant tenant, TimeProvider time, CancellationToken cancel)
    {
        var request = body.Value;
        if (await (await visible.ForAsync(user, Permissions.RouteLetter, cancel)).FirstOrDefaultAsync(row => row.Id == id, cancel) is not { } letter)
            return CommonProblems.NotFound.Result();
        var operation = $"route-letter {id}";
        var hash = request.Steps is { } plain ? IdempotencyKey.HashOf(new PlainRequest(plain)) : IdempotencyKey.HashOf(request);
        if (await db.RequestKeys.ResultAsync(key, user.UserId(), operation, hash, cancel) is { } before)
            return Answer(before);
        if (Refusal(letter.Status) is { } refusal)
            return refusal;
        if (LetterTag.IsOutdated(context, letter))
            return CommonProblems.Changed.Result();

        var now = time.GetUtcNow();
        var routing = request.Steps is not null
            ? new LetterRouting { Id = SortableId.Next(now), LetterId = id, State = RoutingState.Starting, RoutedBy = user.UserName(), RoutedAt = now }
            : await ByCircuitAsync(request, letter, user.UserName(), now, db, people, cancel);
        if (request.Steps is not null)
            routing.Steps.AddRange(await StepsAsync(request.Steps, routing.Id, letter, people, cancel));
        letter.Status = LetterStatus.InRouting;
        var entry = letter.Record(TimelineKind.Routed, user.UserName(), now);
        entry.RoutingId = routing.Id;
        db.Add(routing);
        db.Add(entry);
        db.RequestKeys.Remember(key, user.UserId(), operation, hash, routing.Id, now);
        outbox.Add(new LetterRouted(id, routing.Id, [.. routing.Steps.Select(step => new RoutedStep(WireEnum.Name(step.Kind), step.Assignee, step.DueInHours))], now));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException)
        {
            // Another request was first: the same one again, or another routing of this letter.
            db.ChangeTracker.Clear();
            if (await db.RequestKeys.ResultAsync(key, user.UserId(), operation, hash, cancel) is { } first)
                return Answer(first);
            var status = await db.Letters.Where(row => row.Id == id).Select(row => row.Status).FirstAsync(cancel);
            if (Refusal(status) is { } late)
                return late;
            throw;
        }
        start.Set(tenant.Slug);
        return Answer(routing.Id);

        Accepted<Response> Answer(Guid routingId) => TypedResults.Accepted($"/api/correspondence/letters/{id}/routing/{routingId}", new Response(routingId));
    }

    /// <summary>Null: a letter of this status can be routed.</summary>
    public static ProblemHttpResult? Refusal(LetterStatus status) => status switch
    {
        LetterStatus.Registered or LetterStatus.Returned => null,
        LetterStatus.InRouting => UnderWay.Result(),
        _ => ChangeLetter.Final.Result(WireEnum.Name(status)),
    };

    private static async Task<LetterRouting> ByCircuitAsync(
        Request request, Letter letter, string sender, DateTimeOffset now, CorrespondenceDbContext db, People people, CancellationToken cancel)
    {
        if (await db.Circuits.AsNoTracking().Where(row => row.Code == request.Circuit && row.State == CircuitState.Published)
                .OrderByDescending(row => row.Version).FirstOrDefaultAsync(cancel) is not { } circuit)
            throw new ProblemException(Errors.Of("circuit", NoSuchCircuit.ToString()).Details());
        var steps = circuit.Steps();
        var chosen = new Dictionary<string, string>(StringComparer.Ordinal);
        var errors = new Errors();
        var items = steps.Where(step => step.AppliesTo(LetterFacts.Of(letter))).SelectMany(step => step.Items).Select(item => item.Assignee).ToList();
        foreach (var slot in steps.SelectMany(step => step.Items).Select(item => item.Assignee.Slot).OfType<string>().Distinct())
        {
            if (request.Chosen?.GetValueOrDefault(slot) is { Length: > 0 } name)
                chosen[slot] = await ClearedAsync(name, $"chosen.{slot}") ?? name;
            else if (items.Exists(item => item.Type == AssigneeType.Chosen && item.Slot == slot))
                errors.Add($"chosen.{slot}", NotChosen);
        }
        foreach (var other in (request.Chosen?.Keys ?? []).Except(steps.SelectMany(step => step.Items).Select(item => item.Assignee.Slot ?? "")))
            errors.Add($"chosen.{other}", NoSuchSlot);
        foreach (var name in items.Where(item => item.Type == AssigneeType.User).Select(item => item.User!).Distinct())
            await ClearedAsync(name, "circuit");
        errors.ThrowIfAny();
        return new()
        {
            Id = SortableId.Next(now),
            LetterId = letter.Id,
            State = RoutingState.Starting,
            RoutedBy = sender,
            RoutedAt = now,
            CircuitCode = circuit.Code,
            CircuitVersion = circuit.Version,
            Plan = new CircuitPlan(steps, chosen).Write(),
        };

        async Task<string?> ClearedAsync(string name, string field)
        {
            var person = await people.FindAsync(name, cancel);
            if (person is null)
                errors.Add(field, NoSuchUser);
            else if (person.Clearance < (int)letter.Confidentiality)
                errors.Add(field, NotCleared);
            return person?.UserName;
        }
    }

    private static async Task<List<RoutingStep>> StepsAsync(IReadOnlyList<Step> steps, Guid routingId, Letter letter, People people, CancellationToken cancel)
    {
        var errors = new Errors();
        var known = new Dictionary<string, People.Person?>(StringComparer.Ordinal);
        var made = new List<RoutingStep>();
        foreach (var (index, step) in steps.Index())
        {
            if (!known.TryGetValue(step.Assignee, out var person))
                known[step.Assignee] = person = await people.FindAsync(step.Assignee, cancel);
            if (person is null)
                errors.Add($"steps[{index}].assignee", NoSuchUser);
            else if (person.Clearance < (int)letter.Confidentiality)
                errors.Add($"steps[{index}].assignee", NotCleared);
            else
                made.Add(new() { RoutingId = routingId, Number = index + 1, Kind = StepKind.Approve, Assignee = person.UserName, DueInHours = step.DueInHours });
        }
        errors.ThrowIfAny();
        return made;
    }
}
