namespace Dapr.Workflow;

/// <summary>How much of its history a workflow shows to what it calls.</summary>
public enum HistoryPropagationScope
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Its own history.</summary>
    OwnHistory = 1,

    /// <summary>Its own and what it was shown itself.</summary>
    Lineage = 2,
}
