using FluentMigrator;

namespace Tarasol.Tasks.Data;

[Migration(202611291601, "Work that goes on when units close and people leave")]
public sealed class M202611291601_Transfers : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("work_item").AddColumn("head_of").AsGuid().Nullable();
        Alter.Table("work_item").AddColumn("letter_unit_id").AsGuid().Nullable();
        Alter.Table("work_item").AddColumn("letter_type").AsString(100).Nullable();
        Create.Index("ix_work_item_head_of").OnTable("work_item").OnColumn("head_of").Ascending().OnColumn("state").Ascending();

        Create.Table("closed_unit")
            .WithColumn("unit_id").AsGuid().PrimaryKey()
            .WithColumn("successor_id").AsGuid().NotNullable();
    }
}
