using FluentMigrator;

namespace Tarasol.Correspondence.Data;

[Migration(202611290220, "What a registry writes down of a letter, its links, and the copy of the letter types")]
public sealed class M202611290220_RegistrationDepth : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("letter")
            .AddColumn("letter_type").AsString(40).Nullable()
            .AddColumn("letter_type_id").AsGuid().Nullable()
            .AddColumn("letter_type_version").AsInt32().Nullable()
            .AddColumn("fields").AsString(int.MaxValue).Nullable()
            .AddColumn("subject_ar").AsString(500).Nullable()
            .AddColumn("subject_en").AsString(500).Nullable()
            .AddColumn("sender_reference").AsString(200).Nullable()
            .AddColumn("received_on").AsDate().Nullable()
            .AddColumn("received_channel").AsString(20).Nullable()
            .AddColumn("original_medium").AsString(20).Nullable()
            .AddColumn("physical_location").AsString(300).Nullable()
            .AddColumn("paper_annexes").AsInt32().Nullable()
            .AddColumn("for_information").AsString(int.MaxValue).Nullable()
            .AddColumn("copies").AsString(int.MaxValue).Nullable()
            .AddColumn("classification").AsString(40).Nullable()
            .AddColumn("confidential_until").AsDate().Nullable()
            .AddColumn("needs_reply").AsBoolean().NotNullable().WithDefaultValue(false)
            .AddColumn("subject_key").AsString(500).Nullable()
            .AddColumn("subject_text").AsString(1600).Nullable()
            .AddColumn("sender_key").AsString(300).Nullable()
            .AddColumn("sender_reference_key").AsString(200).Nullable();
        // Lists are newest first: the id after what is looked for keeps a page as cheap among many letters as among few.
        foreach (var column in new[] { "direction", "letter_type", "classification", "urgency", "needs_reply", "document_date", "owner_unit_id", "sender_key", "sender_reference_key" })
            Create.Index($"ix_letter_{column}").OnTable("letter").OnColumn(column).Ascending().OnColumn("id").Ascending();

        Alter.Table("timeline_entry")
            .AddColumn("changes").AsString(int.MaxValue).Nullable()
            .AddColumn("other_letter_id").AsGuid().Nullable()
            .AddColumn("link_kind").AsString(20).Nullable();

        Create.Table("letter_link")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("letter_id").AsGuid().NotNullable().ForeignKey("fk_letter_link_letter", "letter", "id")
            .WithColumn("kind").AsString(20).NotNullable()
            .WithColumn("other_id").AsGuid().NotNullable().ForeignKey("fk_letter_link_other", "letter", "id")
            .WithColumn("created_by").AsString(256).NotNullable()
            .WithColumn("created_at").AsDateTimeOffset().NotNullable();
        Create.Index("ux_letter_link").OnTable("letter_link").OnColumn("letter_id").Ascending().OnColumn("kind").Ascending().OnColumn("other_id").Ascending().WithOptions().Unique();
        Create.Index("ix_letter_link_other").OnTable("letter_link").OnColumn("other_id").Ascending();

        Create.Table("letter_type_version")
            .WithColumn("letter_type_id").AsGuid().PrimaryKey()
            .WithColumn("version").AsInt32().PrimaryKey()
            .WithColumn("code").AsString(40).NotNullable()
            .WithColumn("form").AsString(int.MaxValue).NotNullable();
        Create.Index("ix_letter_type_version_code").OnTable("letter_type_version").OnColumn("code").Ascending().OnColumn("version").Ascending();

        Create.Table("classification_version")
            .WithColumn("version").AsInt32().PrimaryKey()
            .WithColumn("classes").AsString(int.MaxValue).NotNullable();
    }
}
