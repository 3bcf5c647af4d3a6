using FluentMigrator;

namespace Tarasol.Tasks.Data;

[Migration(202611250301, "Work items")]
public sealed class M202611250301_WorkItems : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("work_item")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("position").AsGuid().NotNullable().Unique("ux_work_item_position")
            .WithColumn("kind").AsString(20).NotNullable()
            .WithColumn("letter_id").AsGuid().NotNullable()
            .WithColumn("routing_id").AsGuid().NotNullable()
            .WithColumn("step").AsInt32().NotNullable()
            .WithColumn("assignee").AsString(256).NotNullable()
            .WithColumn("subject").AsString(500).NotNullable()
            .WithColumn("due_at").AsDateTimeOffset().NotNullable()
            .WithColumn("opened_at").AsDateTimeOffset().NotNullable()
            .WithColumn("state").AsString(20).NotNullable()
            .WithColumn("decision").AsString(20).Nullable()
            .WithColumn("comment").AsString(4000).Nullable()
            .WithColumn("decided_at").AsDateTimeOffset().Nullable()
            .WithColumn("decision_key").AsString(200).Nullable()
            .WithColumn("version").AsInt32().NotNullable();
        Create.Index("ix_work_item_assignee").OnTable("work_item").OnColumn("assignee").Ascending().OnColumn("state").Ascending().OnColumn("position").Ascending();
    }
}
