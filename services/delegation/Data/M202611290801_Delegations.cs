using FluentMigrator;
using Tarasol.Tenancy;

namespace Tarasol.Delegations.Data;

[Migration(202611290801, "Delegations, their history, and what was known of people")]
public sealed class M202611290801_Delegations : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("delegation")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("principal").AsString(256).NotNullable()
            .WithColumn("delegate").AsString(256).NotNullable()
            .WithColumn("scope").AsString(int.MaxValue).NotNullable()
            .WithColumn("confidentiality").AsInt32().NotNullable()
            .WithColumn("first_day").AsDate().NotNullable()
            .WithColumn("last_day").AsDate().NotNullable()
            .WithColumn("time_zone").AsString(60).NotNullable()
            .WithColumn("starts_at").AsDateTimeOffset().NotNullable()
            .WithColumn("ends_at").AsDateTimeOffset().NotNullable()
            .WithColumn("reason").AsString(1000).NotNullable()
            .WithColumn("state").AsString(20).NotNullable()
            .WithColumn("version").AsInt32().NotNullable();
        Create.Index("ix_delegation_principal").OnTable("delegation").OnColumn("principal").Ascending().OnColumn("ends_at").Ascending();
        Create.Index("ix_delegation_delegate").OnTable("delegation").OnColumn("delegate").Ascending().OnColumn("ends_at").Ascending();

        Create.Table("delegation_change")
            .WithColumn("delegation_id").AsGuid().PrimaryKey().ForeignKey("fk_delegation_change_delegation", "delegation", "id")
            .WithColumn("number").AsInt32().PrimaryKey()
            .WithColumn("kind").AsString(20).NotNullable()
            .WithColumn("at").AsDateTimeOffset().NotNullable()
            .WithColumn("actor").AsString(256).NotNullable()
            .WithColumn("cause").AsString(20).Nullable()
            .WithColumn("reason").AsString(1000).Nullable();

        Create.Table("person_fact")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("user_name").AsString(256).NotNullable()
            .WithColumn("at").AsDateTimeOffset().NotNullable()
            .WithColumn("clearance").AsInt32().NotNullable()
            .WithColumn("active").AsBoolean().NotNullable();
        Create.Index("ix_person_fact_user").OnTable("person_fact").OnColumn("user_name").Ascending().OnColumn("at").Ascending();

        Create.Table("person_turn")
            .WithColumn("user_name").AsString(256).PrimaryKey()
            .WithColumn("version").AsInt32().NotNullable();

        Create.RequestKeyTable();
    }
}
