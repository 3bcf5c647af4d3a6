using FluentMigrator;

namespace Tarasol.Correspondence.Data;

[Migration(202611250202, "Routings and their steps")]
public sealed class M202611250202_Routings : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("routing")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("letter_id").AsGuid().NotNullable().ForeignKey("fk_routing_letter", "letter", "id")
            .WithColumn("state").AsString(20).NotNullable()
            .WithColumn("outcome").AsString(20).Nullable()
            .WithColumn("routed_by").AsString(256).NotNullable()
            .WithColumn("routed_at").AsDateTimeOffset().NotNullable()
            .WithColumn("completed_at").AsDateTimeOffset().Nullable()
            .WithColumn("version").AsInt32().NotNullable();
        Create.Index("ix_routing_state").OnTable("routing").OnColumn("state").Ascending();
        Create.Index("ix_routing_letter").OnTable("routing").OnColumn("letter_id").Ascending();

        Create.Table("routing_step")
            .WithColumn("routing_id").AsGuid().PrimaryKey().ForeignKey("fk_routing_step_routing", "routing", "id")
            .WithColumn("number").AsInt32().PrimaryKey()
            .WithColumn("kind").AsString(20).NotNullable()
            .WithColumn("assignee").AsString(256).NotNullable()
            .WithColumn("due_in_hours").AsInt32().NotNullable()
            .WithColumn("decision").AsString(20).Nullable()
            .WithColumn("decided_by").AsString(256).Nullable()
            .WithColumn("decided_at").AsDateTimeOffset().Nullable()
            .WithColumn("comment").AsString(4000).Nullable();
    }
}
