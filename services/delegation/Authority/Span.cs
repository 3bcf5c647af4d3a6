namespace Tarasol.Delegations.Authority;

/// <summary>A stretch of time; the end is not in it.</summary>
public readonly record struct Span(DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>Null: they have no moment in common.</summary>
    public Span? Meet(Span other)
    {
        var both = new Span(From > other.From ? From : other.From, Until < other.Until ? Until : other.Until);
        return both.From < both.Until ? both : null;
    }

    /// <summary>The same time in pieces that end at these moments.</summary>
    public IEnumerable<Span> CutAt(IEnumerable<DateTimeOffset> moments)
    {
        var (from, until) = this;
        foreach (var moment in moments.Where(each => each > from && each < until).Distinct().Order())
        {
            yield return new(from, moment);
            from = moment;
        }
        yield return new(from, until);
    }
}
