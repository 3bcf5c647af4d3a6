using FluentMigrator;
using Tarasol.Tenancy;

namespace Tarasol.Tasks.Data;

[Migration(202611290311, "Offers, opinions, priorities, and people")]
public sealed class M202611290311_Decisions : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("work_item").AddColumn("unit_id").AsGuid().Nullable();
        Alter.Table("work_item").AddColumn("role").AsString(100).Nullable();
        Alter.Table("work_item").AddColumn("confidentiality").AsInt32().Nullable();
        Alter.Table("work_item").AddColumn("urgency").AsString(20).NotNullable().WithDefaultValue("Normal");
        Alter.Table("work_item").AddColumn("on_behalf_of").AsString(256).Nullable();
        Alter.Table("work_item").AddColumn("rank_at").AsDateTimeOffset().Nullable();
        Alter.Table("work_item").AddColumn("pending_opinions").AsInt32().NotNullable().WithDefaultValue(0);
        Alter.Table("work_item").AddColumn("parent_id").AsGuid().Nullable();
        Alter.Table("work_item").AddColumn("question").AsString(4000).Nullable();
        Alter.Table("work_item").AddColumn("asked_by").AsString(256).Nullable();
        Alter.Table("work_item").AddColumn("can_return").AsBoolean().NotNullable().WithDefaultValue(true);
        Alter.Table("work_item").AddColumn("return_to").AsString(2000).Nullable();
        Alter.Table("work_item").AddColumn("progress").AsString(20).NotNullable().WithDefaultValue("ToDo");
        Alter.Table("work_item").AddColumn("reading").AsString(20).NotNullable().WithDefaultValue("Unread");
        Alter.Table("work_item").AddColumn("acting").AsString(20).NotNullable().WithDefaultValue("Own");
        Alter.Table("work_item").AddColumn("follow_up_at").AsDateTimeOffset().Nullable();
        Alter.Table("work_item").AddColumn("decided_by").AsString(256).Nullable();
        Execute.Sql("UPDATE work_item SET rank_at = due_at");
        Execute.Sql("UPDATE work_item SET decided_by = assignee WHERE decision IS NOT NULL");
        Create.Index("ix_work_item_parent").OnTable("work_item").OnColumn("parent_id").Ascending();

        Create.Table("person")
            .WithColumn("user_name").AsString(256).PrimaryKey()
            .WithColumn("unit_id").AsGuid().Nullable()
            .WithColumn("clearance").AsInt32().NotNullable()
            .WithColumn("roles").AsString(4000).NotNullable()
            .WithColumn("active").AsBoolean().NotNullable()
            .WithColumn("as_of").AsDateTimeOffset().NotNullable();

        Create.RequestKeyTable();
    }
}
