using FluentMigrator;

namespace Tarasol.Correspondence.Data;

[Migration(202611290211, "Circuits, and routings by them")]
public sealed class M202611290211_Circuits : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("circuit")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("code").AsString(60).NotNullable()
            .WithColumn("version").AsInt32().NotNullable()
            .WithColumn("state").AsString(20).NotNullable()
            .WithColumn("name_ar").AsString(200).NotNullable()
            .WithColumn("name_en").AsString(200).NotNullable()
            .WithColumn("definition").AsString(int.MaxValue).NotNullable()
            .WithColumn("drafted_by").AsString(256).NotNullable()
            .WithColumn("drafted_at").AsDateTimeOffset().NotNullable()
            .WithColumn("published_by").AsString(256).Nullable()
            .WithColumn("published_at").AsDateTimeOffset().Nullable()
            .WithColumn("revision").AsInt32().NotNullable();
        Create.Index("ux_circuit_code").OnTable("circuit").OnColumn("code").Ascending().OnColumn("version").Ascending().WithOptions().Unique();

        Alter.Table("routing").AddColumn("circuit_code").AsString(60).Nullable();
        Alter.Table("routing").AddColumn("circuit_version").AsInt32().Nullable();
        Alter.Table("routing").AddColumn("plan").AsString(int.MaxValue).Nullable();

        Alter.Table("routing_step").AddColumn("on_behalf_of").AsString(256).Nullable();
        Alter.Table("routing_step").AddColumn("return_to").AsString(60).Nullable();
        Alter.Table("routing_step").AddColumn("circuit_step").AsInt32().Nullable();
        Alter.Table("routing_step").AddColumn("due_in_days").AsInt32().Nullable();
        Alter.Table("routing_step").AddColumn("round").AsInt32().Nullable();
        Alter.Table("routing_step").AddColumn("unit_id").AsGuid().Nullable();
        Alter.Table("routing_step").AddColumn("role").AsString(100).Nullable();
        Alter.Table("routing_step").AddColumn("state").AsString(20).Nullable();

        Alter.Table("letter").AddColumn("signed_at").AsDateTimeOffset().Nullable();
        Alter.Table("timeline_entry").AddColumn("on_behalf_of").AsString(256).Nullable();
        Alter.Table("timeline_entry").AddColumn("target").AsString(256).Nullable();
    }
}
