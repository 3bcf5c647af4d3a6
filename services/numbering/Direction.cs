namespace Tarasol.Numbering;

/// <summary>Which way a letter goes.</summary>
public enum Direction
{
    Incoming,
    Outgoing,
    Internal,
}
