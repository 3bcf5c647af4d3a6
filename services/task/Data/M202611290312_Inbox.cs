using FluentMigrator;

namespace Tarasol.Tasks.Data;

/// <summary>One index for each view of the inbox, in the view's order: a page costs the same however many work items there are.</summary>
[Migration(202611290312, "Views of the inbox")]
public sealed class M202611290312_Inbox : ForwardOnlyMigration
{
    public override void Up()
    {
        Index("progress", "assignee", "state", "progress", "position");
        Index("reading", "assignee", "state", "reading", "position");
        Index("acting", "assignee", "state", "acting", "position");
        Index("due", "assignee", "state", "due_at", "position");
        Index("rank", "assignee", "state", "progress", "rank_at", "position");
        Index("follow_up", "assignee", "follow_up_at", "position");
        Index("principal", "on_behalf_of", "position");
        Index("unit", "unit_id", "state", "assignee", "position");

        Create.Table("inbox_filter")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("user_id").AsGuid().NotNullable()
            .WithColumn("name").AsString(100).NotNullable()
            .WithColumn("view").AsString(20).NotNullable()
            .WithColumn("kind").AsString(20).Nullable()
            .WithColumn("urgency").AsString(20).Nullable();
        Create.Index("ux_inbox_filter_name").OnTable("inbox_filter").OnColumn("user_id").Ascending().OnColumn("name").Ascending().WithOptions().Unique();
    }

    private void Index(string name, params string[] columns)
    {
        var index = Create.Index($"ix_work_item_{name}").OnTable("work_item");
        foreach (var column in columns)
            index.OnColumn(column).Ascending();
    }
}
