using FluentMigrator;

namespace Tarasol.Tasks.Data;

[Migration(202611290314, "Delegations")]
public sealed class M202611290314_Delegations : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("delegation")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("principal").AsString(256).NotNullable()
            .WithColumn("delegate").AsString(256).NotNullable()
            .WithColumn("scope").AsString(int.MaxValue).NotNullable()
            .WithColumn("confidentiality").AsInt32().NotNullable()
            .WithColumn("from").AsDateTimeOffset().NotNullable()
            .WithColumn("until").AsDateTimeOffset().NotNullable()
            .WithColumn("returned").AsBoolean().NotNullable();
        Create.Index("ix_delegation_principal").OnTable("delegation").OnColumn("principal").Ascending().OnColumn("until").Ascending();
        Create.Index("ix_delegation_returned").OnTable("delegation").OnColumn("returned").Ascending().OnColumn("until").Ascending();
    }
}
