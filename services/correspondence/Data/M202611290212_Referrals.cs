using FluentMigrator;

namespace Tarasol.Correspondence.Data;

[Migration(202611290212, "Referrals")]
public sealed class M202611290212_Referrals : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("referral")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("letter_id").AsGuid().NotNullable().ForeignKey("fk_referral_letter", "letter", "id")
            .WithColumn("batch_id").AsGuid().NotNullable()
            .WithColumn("parent_id").AsGuid().Nullable()
            .WithColumn("purpose").AsString(20).NotNullable()
            .WithColumn("sender").AsString(256).NotNullable()
            .WithColumn("receiver").AsString(256).NotNullable()
            .WithColumn("instruction").AsString(4000).Nullable()
            .WithColumn("note").AsString(4000).Nullable()
            .WithColumn("due_at").AsDateTimeOffset().Nullable()
            .WithColumn("sent_at").AsDateTimeOffset().NotNullable()
            .WithColumn("state").AsString(20).NotNullable()
            .WithColumn("changed_at").AsDateTimeOffset().NotNullable()
            .WithColumn("answer").AsString(4000).Nullable()
            .WithColumn("gives_access").AsBoolean().NotNullable()
            .WithColumn("task").AsString(20).NotNullable()
            .WithColumn("version").AsInt32().NotNullable();
        Create.Index("ix_referral_letter").OnTable("referral").OnColumn("letter_id").Ascending().OnColumn("receiver").Ascending();
        Create.Index("ix_referral_receiver").OnTable("referral").OnColumn("receiver").Ascending().OnColumn("id").Ascending();
        Create.Index("ix_referral_sender").OnTable("referral").OnColumn("sender").Ascending().OnColumn("id").Ascending();
        Create.Index("ix_referral_batch").OnTable("referral").OnColumn("batch_id").Ascending();
        Create.Index("ix_referral_task").OnTable("referral").OnColumn("task").Ascending();
    }
}
