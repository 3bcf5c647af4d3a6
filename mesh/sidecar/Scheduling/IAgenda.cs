namespace Tarasol.Sidecar.Scheduling;

/// <summary>The reminders and jobs of an app-id, in whichever host they are kept.</summary>
internal interface IAgenda
{
    /// <summary>Writes the job down. With <paramref name="overwrite"/> it takes the place of one with the same key.</summary>
    /// <param name="job">Null: only forget the present one.</param>
    /// <exception cref="JobExistsException">It exists and is not to be overwritten.</exception>
    Task ScheduleAsync(JobKey key, ScheduledJob? job, bool overwrite);

    /// <summary>Forgets all that match; no error when there are none.</summary>
    Task DeleteAsync(JobFilter filter);

    /// <summary>By owner and name.</summary>
    Task<IReadOnlyList<ScheduledJob>> ListAsync(JobFilter filter);
}

/// <summary>Which jobs are meant; null and empty: any.</summary>
internal sealed record JobFilter(string Kind, string? Owner = null, string? Name = null, string OwnerPrefix = "", string NamePrefix = "")
{
    public static JobFilter Of(JobKey key) => new(key.Kind, key.Owner, key.Name);

    public bool Matches(JobKey key) =>
        key.Kind == Kind && (Owner is null || key.Owner == Owner) && (Name is null || key.Name == Name)
        && key.Owner.StartsWith(OwnerPrefix, StringComparison.Ordinal) && key.Name.StartsWith(NamePrefix, StringComparison.Ordinal);
}

/// <summary>A job on its way to the host that keeps it.</summary>
internal sealed record JobChange(JobKey Key, ScheduledJob? Job, bool Overwrite);

/// <summary>This host does not keep the agenda, or stops: ask the one that does.</summary>
internal sealed class AgendaMovedException() : Exception("the reminders and jobs of this app are kept by another host now, or this one stops");
