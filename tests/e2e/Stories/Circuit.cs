namespace Tarasol.Tests.E2e.Stories;

/// <summary>Parts of circuits, as the API takes them.</summary>
internal static class Circuit
{
    /// <summary>One person who is asked for something.</summary>
    public static object Item(string kind, Clerk who) => new { kind, assignee = new { type = "user", user = who.Name } };

    /// <summary>A step with one person.</summary>
    public static object Step(string key, string kind, Clerk who) => new { key, items = new[] { Item(kind, who) } };
}
