using FsCheck;
using FsCheck.Xunit;
using Tarasol.Correspondence.Letters;
using Tarasol.Correspondence.Letters.Links;
using Tarasol.ServiceDefaults;

namespace Tarasol.Tests.Unit.Correspondence;

public sealed class RegistrationRulesTests
{
    [Fact]
    public void A_link_is_told_where_only_those_read_it_who_may_know_of_both_letters()
    {
        var (open, secret) = (Letter(Confidentiality.Normal), Letter(Confidentiality.Secret));
        Assert.Same(secret, LetterLink.Teller(open, secret));
        Assert.Same(secret, LetterLink.Teller(secret, open));
        var another = Letter(Confidentiality.Normal);
        Assert.Same(open, LetterLink.Teller(open, another));
    }

    [Theory]
    [InlineData(LetterStatus.Registered, null)]
    [InlineData(LetterStatus.Returned, null)]
    [InlineData(LetterStatus.InRouting, 409)]
    [InlineData(LetterStatus.Approved, 409)]
    [InlineData(LetterStatus.Rejected, 409)]
    public void A_letter_is_changed_before_it_is_final_and_while_no_approver_has_it(LetterStatus status, int? refusal) => Assert.Equal(refusal, ChangeLetter.Refusal(status)?.StatusCode);

    [Fact]
    public void The_words_for_the_sender_are_filled_and_other_braces_stay()
    {
        var letter = Letter(Confidentiality.Normal);
        letter.ReferenceNumber = "IN/7";
        letter.SenderReference = "12/ب";
        Assert.Equal("IN/7 2026-01-31 طلب 12/ب {else} {", AcknowledgementText.Fill("{number} {date} {subject} {reference} {else} {", letter, null));
        Assert.Equal("Request", AcknowledgementText.Fill("{subject}", letter, "Request"));
    }

    [Property]
    public bool Ids_given_from_a_time_on_are_above_its_floor_and_those_before_are_not(PositiveInt seconds)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + seconds.Get % 1_000_000);
        var id = Guid.CreateVersion7(at);
        return id.CompareTo(IdFloor.At(at)) >= 0 && id.CompareTo(IdFloor.At(at.AddMilliseconds(1))) < 0;
    }

    [Fact]
    public void Keys_follow_the_texts()
    {
        var letter = Letter(Confidentiality.Normal);
        letter.SubjectEn = "Request";
        letter.SenderReference = "REF-١٢";
        letter.SetKeys();
        Assert.Equal(("طلب", "طلب|request", "sender", "ref 12"), (letter.SubjectKey, letter.SubjectText, letter.SenderKey, letter.SenderReferenceKey));
    }

    private static Letter Letter(Confidentiality level) => new()
    {
        Id = SortableId.Next(DateTimeOffset.UnixEpoch), Subject = "طلب", SenderName = "Sender", Recipients = ["Me"], OwnerUnitCode = "REG", RegisteredBy = "clerk", Confidentiality = level,
        RegisteredAt = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero),
    };
}
