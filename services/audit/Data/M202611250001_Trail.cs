using FluentMigrator;

namespace Tarasol.Audit.Data;

[Migration(202611250001, "The trail")]
public sealed class M202611250001_Trail : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("audit_entry")
            .WithColumn("sequence").AsInt64().PrimaryKey()
            .WithColumn("event_id").AsString(200).NotNullable().Unique("ux_audit_entry_event_id")
            .WithColumn("type").AsString(200).NotNullable()
            .WithColumn("subject").AsString(200).NotNullable()
            .WithColumn("letter_id").AsString(36).Nullable()
            .WithColumn("actor").AsString(200).NotNullable()
            .WithColumn("at").AsDateTimeOffset().NotNullable()
            .WithColumn("received_at").AsDateTimeOffset().NotNullable()
            .WithColumn("data").AsString(int.MaxValue).NotNullable()
            .WithColumn("previous_hash").AsString(64).NotNullable()
            .WithColumn("hash").AsString(64).NotNullable();
        Create.Index("ix_audit_entry_subject").OnTable("audit_entry").OnColumn("subject").Ascending().OnColumn("sequence").Ascending();
        Create.Index("ix_audit_entry_letter_id").OnTable("audit_entry").OnColumn("letter_id").Ascending().OnColumn("sequence").Ascending();

        Create.Table("audit_end")
            .WithColumn("id").AsInt32().PrimaryKey()
            .WithColumn("sequence").AsInt64().NotNullable()
            .WithColumn("hash").AsString(64).NotNullable();
        Insert.IntoTable("audit_end").Row(new { id = 1, sequence = 0L, hash = new string('0', 64) });

        Create.Table("letter_level")
            .WithColumn("letter_id").AsString(36).PrimaryKey()
            .WithColumn("level").AsInt32().NotNullable();
    }
}
