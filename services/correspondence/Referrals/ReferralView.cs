namespace Tarasol.Correspondence.Referrals;

/// <summary>A referral as its sender and its receiver see it.</summary>
public sealed record ReferralView(
    Guid Id, Guid LetterId, Guid BatchId, Guid? ParentId, ReferralPurpose Purpose, string Sender, string Receiver, string? Instruction, string? Note, DateTimeOffset? DueAt,
    DateTimeOffset SentAt, ReferralState State, DateTimeOffset ChangedAt, string? Answer)
{
    public static ReferralView Of(Referral row) => new(
        row.Id, row.LetterId, row.BatchId, row.ParentId, row.Purpose, row.Sender, row.Receiver, row.Instruction, row.Note, row.DueAt, row.SentAt, row.State, row.ChangedAt, row.Answer);
}
