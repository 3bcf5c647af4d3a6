using FluentMigrator;

namespace Tarasol.Correspondence.Data;

[Migration(202611291602, "Work that goes on when units close")]
public sealed class M202611291602_Transfers : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("routing_step").AddColumn("head_of").AsGuid().Nullable();
        Alter.Table("referral").AddColumn("head_of").AsGuid().Nullable();
        Create.Table("closed_unit")
            .WithColumn("unit_id").AsGuid().PrimaryKey()
            .WithColumn("successor_id").AsGuid().NotNullable()
            .WithColumn("successor_code").AsString(40).NotNullable()
            .WithColumn("reason").AsString(1000).NotNullable()
            .WithColumn("closed_by").AsString(256).NotNullable()
            .WithColumn("closed_at").AsDateTimeOffset().NotNullable()
            .WithColumn("moved").AsBoolean().NotNullable();
    }
}
