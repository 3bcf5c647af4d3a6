using Tarasol.Delegations.Granting;
using Tarasol.Delegations.People;

namespace Tarasol.Tests.Unit.Delegations;

/// <summary>A small world made from a seed: five people, four units (3 below 1, 1 and 2 below 0), two types, thirty days.</summary>
internal sealed class Scenario(int seed)
{
    public static readonly string[] People = ["salma", "omar", "huda", "karim", "nour"];
    public static readonly Guid[] Units = [.. Enumerable.Range(1, 4).Select(each => new Guid($"01890000-0000-7000-8000-00000000000{each}"))];
    public static readonly string[] Types = ["memo", "circular"];
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly UnitSets Tree = new(new Dictionary<Guid, IReadOnlySet<Guid>>
    {
        [Units[0]] = Units.ToHashSet(),
        [Units[1]] = new HashSet<Guid> { Units[1], Units[3] },
        [Units[2]] = new HashSet<Guid> { Units[2] },
        [Units[3]] = new HashSet<Guid> { Units[3] },
    });

    private readonly Random random = new(seed);

    public static Delegation Make(string principal, string @delegate, int fromDay, int untilDay, Scope? scope = null, Confidentiality level = Confidentiality.Normal) => new()
    {
        Id = Guid.CreateVersion7(),
        Principal = principal,
        Delegate = @delegate,
        Scope = scope ?? new([], [], []),
        Confidentiality = level,
        FirstDay = DateOnly.FromDateTime(Start.UtcDateTime).AddDays(fromDay),
        LastDay = DateOnly.FromDateTime(Start.UtcDateTime).AddDays(untilDay),
        TimeZone = Days.Utc,
        StartsAt = Start.AddDays(fromDay),
        EndsAt = Start.AddDays(untilDay + 1),
        Reason = "leave",
    };

    public Delegation AnyDelegation()
    {
        var principal = random.Next(People.Length);
        var from = random.Next(25);
        return Make(
            People[principal], People[(principal + 1 + random.Next(People.Length - 1)) % People.Length], from, from + random.Next(8),
            new(
                [.. Units.Where(_ => random.Next(3) == 0).Select(unit => new ScopeUnit(unit, random.Next(2) == 0))],
                [.. Types.Where(_ => random.Next(3) == 0)],
                [.. Enum.GetValues<DelegatedAction>().Where(_ => random.Next(4) == 0)]),
            (Confidentiality)random.Next(4));
    }

    /// <summary>With a history that can have happened.</summary>
    public Delegation AnyHistory()
    {
        var delegation = AnyDelegation();
        var at = Start.AddHours(random.Next(-100, 500));
        delegation.Record(DelegationState.Offered, delegation.Principal, at);
        if (random.Next(5) == 0)
            return delegation;
        at = at.AddHours(random.Next(100));
        if (random.Next(5) == 0)
        {
            delegation.Record(random.Next(2) == 0 ? DelegationState.Declined : DelegationState.Withdrawn, delegation.Delegate, at);
            return delegation;
        }
        delegation.Record(DelegationState.Accepted, delegation.Delegate, at);
        if (random.Next(2) == 0)
            delegation.Record(DelegationState.Ended, delegation.Delegate, at.AddHours(random.Next(200)), EndCause.Delegate);
        return delegation;
    }

    public List<PersonFact> AnyFacts() =>
    [
        .. People.SelectMany(person => Enumerable.Range(0, random.Next(5)).Select(_ => new PersonFact
        {
            Id = Guid.CreateVersion7(), UserName = person, At = Start.AddHours(random.Next(-200, 700)), Clearance = random.Next(4), Active = random.Next(4) > 0,
        })),
    ];

    public DateTimeOffset AnyMoment() => Start.AddMinutes(random.Next(-24 * 60, 35 * 24 * 60));

    public T Any<T>(IReadOnlyList<T> values) => values[random.Next(values.Count)];
}
