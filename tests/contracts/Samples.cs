using Tarasol.Contracts;
using Tarasol.Contracts.Admin;
using Tarasol.Contracts.Correspondence;
using Tarasol.Contracts.Delegations;
using Tarasol.Contracts.Directories;
using Tarasol.Contracts.Identity;
using Tarasol.Contracts.Numbering;
using Tarasol.Contracts.Profiles;
using Tarasol.Contracts.Tasks;
using Tarasol.Contracts.Tenants;

namespace Tarasol.Tests.Contracts;

/// <summary>One fixed event of every kind. Whoever adds a record adds a sample and its golden file.</summary>
internal static class Samples
{
    private static readonly Guid Letter = new("01890000-0000-7000-8000-000000000001");
    private static readonly Guid Routing = new("01890000-0000-7000-8000-000000000002");
    private static readonly Guid WorkItem = new("01890000-0000-7000-8000-000000000003");
    private static readonly Guid Unit = new("01890000-0000-7000-8000-000000000004");
    private static readonly Guid Parent = new("01890000-0000-7000-8000-000000000005");
    private static readonly Guid User = new("01890000-0000-7000-8000-000000000006");
    private static readonly Guid LetterType = new("01890000-0000-7000-8000-000000000007");
    private static readonly Guid Block = new("01890000-0000-7000-8000-000000000009");
    private static readonly DateTimeOffset At = new(2026, 1, 31, 8, 30, 15, 123, TimeSpan.Zero);

    private static readonly Guid Post = new("01890000-0000-7000-8000-000000000008");
    private static readonly Guid Party = new("01890000-0000-7000-8000-000000000009");
    private static readonly Guid OtherParty = new("01890000-0000-7000-8000-00000000000a");
    private static readonly Guid Merge = new("01890000-0000-7000-8000-00000000000b");
    private static readonly Guid Delegated = new("01890000-0000-7000-8000-000000000007");
    private static readonly DelegationScope Scope = new([new(Unit, true)], ["memo"], ["approve", "sign"]);

    public static IReadOnlyList<object> All { get; } =
    [
        new LetterRegistered(Letter, "incoming", "طلب \"تمديد\" مهلة", "ar", "very-urgent", "restricted", Unit, "IN/FIN/2026/00042", new DateOnly(2026, 1, 30), At),
        new LetterNumbered(Letter, "IN/FIN/2026/00042", At),
        new LetterRouted(Letter, Routing, [new RoutedStep("approve", "salma", 24), new RoutedStep("approve", "omar", 48)], At),
        new LetterChanged(Letter, [new ChangedField("subject", "\"طلب\"", "\"طلب تمديد\""), new ChangedField("body", null, null)], "salma", At),
        new AcknowledgementRequested(
            Letter, "IN/FIN/2026/00042", "وزارة الأشغال", "12/2026", "ar", "وصلنا خطابكم وقيد برقم IN/FIN/2026/00042.", "Your letter was registered under IN/FIN/2026/00042.", At),
        new StepDecided(Letter, Routing, 1, "return", "salma", "أعد الصياغة", At),
        new RoutingCompleted(Letter, Routing, "approved", "OUT/FIN/2026/00007", At),
        new UnitCreated(Unit, "FIN", "المالية", "Finance", Parent, At),
        new UnitChanged(Unit, "FIN", "المالية", "Finance", Parent, new DateOnly(2026, 1, 31), At),
        new UnitClosed(Unit, "FIN", Parent, "ACC", new DateOnly(2026, 1, 31), "دمج الإدارتين", At),
        new PositionCreated(Post, Unit, "head", "رئيس الوحدة", "Head of unit", At),
        new PositionFilled(Post, Unit, "head", "salma", new DateOnly(2026, 2, 1), null, At),
        new PositionVacated(Post, Unit, "head", "salma", new DateOnly(2026, 3, 1), "person-left", At),
        new PositionClosed(Post, Unit, "head", new DateOnly(2026, 3, 1), At),
        new PartyCreated(Party, "government", "وزارة الأشغال", "Ministry of Works", At),
        new PartyChanged(Party, "government", "وزارة الأشغال العامة", null, At),
        new PartyMerged(Merge, Party, OtherParty, "الجهة نفسها", At),
        new PartyUnmerged(Merge, Party, OtherParty, At),
        new DelegationOffered(Delegated, "salma", "omar", Scope, "restricted", At.AddDays(1), At.AddDays(9), "إجازة سنوية", "salma", At),
        new DelegationAccepted(Delegated, "salma", "omar", Scope, "restricted", At.AddDays(1), At.AddDays(9), At),
        new DelegationDeclined(Delegated, "salma", "omar", "لست هنا", At),
        new DelegationWithdrawn(Delegated, "salma", "omar", "principal", null, At),
        new DelegationEnded(Delegated, "salma", "omar", "delegate", "عاد إلى العمل", At),
        new UserCreated(User, "salma", "سلمى", "Salma", ["handler", "unit-head"], 2, Unit, At),
        new UserUpdated(User, "salma", "سلمى", "Salma", ["handler"], 1, Unit, false, At),
        new UserRemoved(User, "salma", At),
        new AccessRevoked(User, Routing, 3, "session-ended", At, At.AddMinutes(11)),
        new MailRequested(User, "salma", "سلمى", "Salma", "salma@example.org", "reset-password", "one-time-token", At.AddMinutes(30)),
        new TokenMailed(User, "salma", "salma@example.org", "reset-password", At.AddMinutes(30)),
        new NumberAllocated(Letter, "incoming", "2026", 42, "IN/FIN/2026/00042", At),
        new NumberVoided("incoming", "2026", 42, 42, "IN/FIN/2026/00042", Letter, null, "قُيّد الخطاب مرتين", At),
        new BlockReserved(Block, "incoming", "2026", 43, 62, "IN/FIN/2026/00043", "IN/FIN/2026/00062", "سجل ورقي", At),
        new ProfileChanged("salma", "ar", "hijri", "Asia/Riyadh", At),
        new SignatureChanged("salma", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", At),
        new TaskOpened(WorkItem, "approve", Letter, Routing, 1, "salma", At.AddHours(24), At),
        new TaskDecided(WorkItem, Letter, Routing, 1, "approve", "salma", null, At),
        new LetterTypePublished(
            LetterType, "invoice", 2, "فاتورة", "Invoice", false, ["incoming"],
            [
                new LetterTypeField("amount", "المبلغ", "Amount", "number", true, []),
                new LetterTypeField("currency", "العملة", "Currency", "list", false, [new LetterTypeChoice("SAR", "ريال سعودي", "Saudi riyal")]),
            ],
            "وصلنا خطابكم وقيد برقم {number}.", "Your letter was registered under {number}.", At),
        new ClassificationPublished(LetterType, 3, [new ClassificationClass("1", "المالية", "Finance", null, false), new ClassificationClass("1.2", "الفواتير", "Invoices", "1", true)], At),
        new CalendarPublished(LetterType, "FIN", 1, ["friday", "saturday"], [new CalendarHoliday("hijri", null, 10, 1, 3, "عيد الفطر", "Eid al-Fitr"), new CalendarHoliday("gregorian", 2026, 9, 23, 1, "اليوم الوطني", "National day")], At),
        new DeadlinePolicyPublished(LetterType, 2, "سياسة المواعيد", "Deadlines", "Asia/Riyadh", "14:30", 48, "assignee-and-head", [new DeadlineEscalation(0, 1), new DeadlineEscalation(24, 2)], At),
        new GradeNamesPublished(LetterType, 1, [new GradeName("very-urgent", "فوري", "Immediate")], [new GradeName("top-secret", "سري للغاية", "Top secret")], At),
        new TaskOffered(WorkItem, "act", Letter, Routing, 2, Unit, "handler", At.AddHours(24), At),
        new TaskTransferred(WorkItem, Letter, Routing, 2, "salma", Unit, Parent, "task", "unit-closed", At),
        new TaskReassigned(WorkItem, Letter, Routing, 1, "salma", "omar", "salma", "في إجازة", At),
        new OpinionRequested(User, WorkItem, Letter, Routing, 1, "salma", "omar", "هل يوافق هذا العقد؟", At),
        new OpinionGiven(User, WorkItem, Letter, Routing, 1, "salma", "omar", "نعم", At),
        new DeadlineWarned(WorkItem, Letter, Routing, 1, "salma", At.AddHours(24), At),
        new TaskEscalated(WorkItem, Letter, Routing, 1, "salma", "omar", 1, At.AddHours(-1), At),
        new DeadlineChanged(WorkItem, Letter, Routing, 1, "extended", "omar", "بانتظار الرد", At.AddHours(48), At),
        new ReferralSent(Routing, Letter, WorkItem, Parent, "salma", "omar", "follow-up", At.AddHours(24), At),
        new ReferralSeen(Routing, Letter, "salma", "omar", At),
        new ReferralAccepted(Routing, Letter, "salma", "omar", At),
        new ReferralDeclined(Routing, Letter, "salma", "omar", At),
        new ReferralAnswered(Routing, Letter, "salma", "omar", At),
        new ReferralRecalled(Routing, Letter, "salma", "omar", At),
        new ReferralClosed(Routing, Letter, "salma", "omar", At),
        new LetterClosed(Letter, "answered", At),
        new LetterReopened(Letter, "ورد رد جديد", At),
        new CircuitPublished(Routing, "outgoing-standard", 2, "الصادر المعتاد", "Outgoing, standard", At),
        new RoutingInterrupted(Letter, Routing, "salma", "سؤال من الوزارة", At),
        new TenantCreated("acme", "أكمي", "Acme", At),
        new TenantActivated("acme", At),
        new TenantProvisioningFailed("acme", ["audit", "task"], At),
        new TenantChanged("acme", At),
        new TenantSuspended("acme", At),
        new TenantResumed("acme", At),
        new TenantArchived("acme", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", At),
    ];
}
