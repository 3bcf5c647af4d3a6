using FluentMigrator;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Data;

[Migration(202611250201, "Letters and their timeline")]
public sealed class M202611250201_Letters : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("letter")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("direction").AsString(20).NotNullable()
            .WithColumn("subject").AsString(500).NotNullable()
            .WithColumn("body").AsString(int.MaxValue).Nullable()
            .WithColumn("language").AsString(10).NotNullable()
            .WithColumn("urgency").AsString(20).NotNullable()
            .WithColumn("confidentiality").AsInt32().NotNullable()
            .WithColumn("sender_name").AsString(300).NotNullable()
            .WithColumn("recipients").AsString(int.MaxValue).NotNullable()
            .WithColumn("document_date").AsDate().NotNullable()
            .WithColumn("owner_unit_id").AsGuid().NotNullable()
            .WithColumn("owner_unit_code").AsString(40).NotNullable()
            .WithColumn("status").AsString(20).NotNullable()
            .WithColumn("reference_number").AsString(200).Nullable()
            .WithColumn("registered_by").AsString(256).NotNullable()
            .WithColumn("registered_at").AsDateTimeOffset().NotNullable()
            .WithColumn("changed_at").AsDateTimeOffset().NotNullable()
            .WithColumn("version").AsInt32().NotNullable();
        Create.Index("ix_letter_status").OnTable("letter").OnColumn("status").Ascending().OnColumn("id").Ascending();

        Create.Table("timeline_entry")
            .WithColumn("letter_id").AsGuid().PrimaryKey().ForeignKey("fk_timeline_entry_letter", "letter", "id")
            .WithColumn("sequence").AsInt32().PrimaryKey()
            .WithColumn("kind").AsString(40).NotNullable()
            .WithColumn("actor").AsString(256).NotNullable()
            .WithColumn("at").AsDateTimeOffset().NotNullable()
            .WithColumn("routing_id").AsGuid().Nullable()
            .WithColumn("step").AsInt32().Nullable()
            .WithColumn("comment").AsString(4000).Nullable()
            .WithColumn("reference_number").AsString(200).Nullable()
            .WithColumn("outcome").AsString(20).Nullable();

        Create.RequestKeyTable();
    }
}
