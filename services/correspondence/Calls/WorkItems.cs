using System.Net;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Calls;

/// <summary>People's work items in task.</summary>
public sealed class WorkItems(HttpClient http, CurrentTenant tenant)
{
    public sealed record WorkItem(Guid TaskId, string Kind, Guid LetterId, Guid RoutingId, int Step, string Assignee, string Subject, DateTimeOffset DueAt)
    {
        /// <summary>Set: offered to the people of this unit instead of an assignee.</summary>
        public Guid? UnitId { get; init; }

        /// <summary>Of the unit only those with this role.</summary>
        public string? Role { get; init; }

        /// <summary>The unit as whose head the assignee is asked: whoever leads it goes on with it when it closes.</summary>
        public Guid? HeadOfUnitId { get; init; }

        /// <summary>The letter's: nobody else who is not cleared gets the item.</summary>
        public int? Confidentiality { get; init; }

        public string? Urgency { get; init; }

        /// <summary>Time allowed in working days; then the due time is worked out there.</summary>
        public int? DueInDays { get; init; }

        /// <summary>What the person is asked, in words.</summary>
        public string? Question { get; init; }

        /// <summary>Who sent the letter on: gets the item when nobody else can.</summary>
        public string? AskedBy { get; init; }

        /// <summary>Of the letter: somebody may act for the assignee in the work of this unit.</summary>
        public Guid? LetterUnitId { get; init; }

        /// <summary>Working days are those of this unit.</summary>
        public string? LetterUnitCode { get; init; }

        public string? LetterType { get; init; }

        public bool CanReturn { get; init; } = true;

        /// <summary>Keys of steps that the letter can be returned to, besides its author.</summary>
        public IReadOnlyList<string>? ReturnTo { get; init; }
    }

    /// <summary>Opens a work item; harmless when repeated.</summary>
    public async Task OpenAsync(WorkItem item, CancellationToken cancel)
    {
        using var answer = await http.PostAsync(tenant.Slug, "internal/tasks", item, cancel);
    }

    /// <summary>Nobody needs to act any more. Harmless when repeated, when it is decided, and when it was never opened.</summary>
    public async Task CancelAsync(Guid taskId, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"internal/tasks/{taskId}/cancel").ForTenant(tenant.Slug);
        using var answer = await http.SendAsync(request, cancel);
        if (answer.StatusCode is not (HttpStatusCode.Conflict or HttpStatusCode.NotFound))
            answer.EnsureSuccessStatusCode();
    }
}
