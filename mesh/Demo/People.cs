using System.Security.Cryptography;

namespace Tarasol.Mesh.Demo;

/// <summary>The tenant's admin and its five users. Passwords are random and forgotten afterwards.</summary>
internal sealed class People
{
    public People(string tenant)
    {
        Admin = Account("admin");
        Clerk = Account("clerk");
        Head = Account("head");
        Signatory = Account("signatory");
        Auditor = Account("auditor");
        Staff =
        [
            new(Clerk, "أمينة السجل", "Registry clerk", ["registry-clerk", "handler"], "registry"),
            new(Account("handler"), "موظف المعالجة", "Case handler", ["handler"], "services"),
            new(Head, "مدير الإدارة", "Head of unit", ["unit-head"], "services"),
            new(Signatory, "المدير العام", "Director General", ["signatory"], "registry"),
            new(Auditor, "المدقق الداخلي", "Internal auditor", ["auditor"], "legal"),
        ];

        Account Account(string name) => new(tenant, name, $"Aa1-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}");
    }

    public Account Admin { get; }

    public Account Clerk { get; }

    public Account Head { get; }

    public Account Signatory { get; }

    public Account Auditor { get; }

    public IReadOnlyList<Person> Staff { get; }
}

internal sealed record Person(Account Account, string NameAr, string NameEn, IReadOnlyList<string> Roles, string Unit);
