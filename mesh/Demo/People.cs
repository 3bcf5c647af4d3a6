using System.Security.Cryptography;

namespace Tarasol.Mesh.Demo;

/// <summary>The tenant's admin and the twelve people who work there, named by what they do. Passwords are random and forgotten afterwards.</summary>
internal sealed class People
{
    public People(string tenant)
    {
        Tenant = tenant;
        Admin = Account("admin");
        Clerk = Account("clerk");
        SecondClerk = Account("second-clerk");
        ChiefClerk = Account("chief-clerk");
        PrivateOffice = Account("private-office");
        Signatory = Account("signatory");
        Head = Account("head");
        Deputy = Account("deputy");
        Handler = Account("handler");
        LicenceOfficer = Account("licence-officer");
        LegalHead = Account("legal-head");
        LegalAdviser = Account("legal-adviser");
        Auditor = Account("auditor");
        Staff =
        [
            new(Clerk, "أمين السجل", "Registry clerk", ["registry-clerk", "handler"], "registry", 3),
            new(SecondClerk, "أمين السجل المساعد", "Second registry clerk", ["registry-clerk"], "registry", 1),
            new(ChiefClerk, "رئيس مركز الاتصالات الإدارية", "Head of the registry", ["unit-head"], "registry", 3),
            new(PrivateOffice, "سكرتير مكتب المدير العام", "Private office", ["handler"], "registry", 3),
            new(Signatory, "المدير العام", "Director General", ["signatory"], "registry", 3),
            new(Head, "مدير خدمات المستفيدين", "Head of Beneficiary Services", ["unit-head"], "services", 3),
            new(Deputy, "نائب مدير خدمات المستفيدين", "Deputy head of Beneficiary Services", ["handler"], "services", 2),
            new(Handler, "معالج المعاملات", "Case handler", ["handler"], "services", 1),
            new(LicenceOfficer, "مسؤول الرخص", "Licence officer", ["handler"], "services", 1),
            new(LegalHead, "مدير الشؤون القانونية والمالية", "Head of Legal and Financial Affairs", ["unit-head"], "legal", 3),
            new(LegalAdviser, "المستشار القانوني", "Legal adviser", ["handler"], "legal", 2),
            new(Auditor, "المدقق الداخلي", "Internal auditor", ["auditor"], "legal", 3),
        ];

        Account Account(string name) => new(tenant, name, $"Aa1-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}");
    }

    public string Tenant { get; }

    public Account Admin { get; }

    public Account Clerk { get; }

    public Account SecondClerk { get; }

    public Account ChiefClerk { get; }

    public Account PrivateOffice { get; }

    public Account Signatory { get; }

    public Account Head { get; }

    public Account Deputy { get; }

    public Account Handler { get; }

    public Account LicenceOfficer { get; }

    public Account LegalHead { get; }

    public Account LegalAdviser { get; }

    public Account Auditor { get; }

    public IReadOnlyList<Person> Staff { get; }

    /// <summary>Who has letters approved and signed in front of them.</summary>
    public IReadOnlyList<Account> Deciders => [ChiefClerk, Head, Deputy, LegalHead, LegalAdviser, Signatory];

    public Account HeadOf(string unit) => unit switch { "services" => Head, "legal" => LegalHead, _ => ChiefClerk };

    /// <summary>Who writes the unit's letters and deals with what comes in.</summary>
    public Account AuthorOf(string unit) => unit switch { "services" => Handler, "legal" => LegalAdviser, _ => PrivateOffice };
}

internal sealed record Person(Account Account, string NameAr, string NameEn, IReadOnlyList<string> Roles, string Unit, int Clearance);
