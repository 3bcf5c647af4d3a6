using FluentMigrator;

namespace Tarasol.Tasks.Data;

[Migration(202611290313, "Deadlines")]
public sealed class M202611290313_Deadlines : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("work_item").AddColumn("calendar_unit").AsString(40).Nullable();
        Alter.Table("work_item").AddColumn("allowed_days").AsInt32().Nullable();
        Alter.Table("work_item").AddColumn("allowed_seconds").AsInt64().Nullable();
        Alter.Table("work_item").AddColumn("clock_stopped_at").AsDateTimeOffset().Nullable();
        Alter.Table("work_item").AddColumn("alarm_stage").AsInt32().NotNullable().WithDefaultValue(0);
        // Those that are there are watched too, once they are open.
        Alter.Table("work_item").AddColumn("watch").AsString(20).NotNullable().WithDefaultValue("None");
        Execute.Sql("UPDATE work_item SET watch = 'Starting' WHERE state = 'Open'");
        Create.Index("ix_work_item_watch").OnTable("work_item").OnColumn("watch").Ascending().OnColumn("position").Ascending();

        Create.Table("working_calendar")
            .WithColumn("unit_code").AsString(40).PrimaryKey()
            .WithColumn("calendar_id").AsGuid().NotNullable()
            .WithColumn("version").AsInt32().NotNullable()
            .WithColumn("definition").AsString(int.MaxValue).NotNullable();

        Create.Table("clock_stop")
            .WithColumn("work_item_id").AsGuid().PrimaryKey().ForeignKey("fk_clock_stop_work_item", "work_item", "id")
            .WithColumn("number").AsInt32().PrimaryKey()
            .WithColumn("stopped_at").AsDateTimeOffset().NotNullable()
            .WithColumn("resumed_at").AsDateTimeOffset().Nullable()
            .WithColumn("reason").AsString(4000).NotNullable()
            .WithColumn("stopped_by").AsString(256).NotNullable();

        Create.Table("deadline_extension")
            .WithColumn("work_item_id").AsGuid().PrimaryKey().ForeignKey("fk_deadline_extension_work_item", "work_item", "id")
            .WithColumn("number").AsInt32().PrimaryKey()
            .WithColumn("working_days").AsInt32().Nullable()
            .WithColumn("hours").AsInt32().Nullable()
            .WithColumn("reason").AsString(4000).NotNullable()
            .WithColumn("extended_by").AsString(256).NotNullable()
            .WithColumn("extended_at").AsDateTimeOffset().NotNullable();
    }
}
