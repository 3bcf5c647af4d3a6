namespace Tarasol.Correspondence.Closing;

/// <summary>In which way a letter was done with.</summary>
public enum Closure
{
    Answered,
    ActionTaken,
    NoActionNeeded,
    Filed,
    Duplicate,
    Withdrawn,
}
