using FluentMigrator;

namespace Tarasol.Numbering.Data;

[Migration(202611250001, "Series and allocations")]
public sealed class M202611250001_Numbers : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("series")
            .WithColumn("key").AsString(60).PrimaryKey()
            .WithColumn("direction").AsString(20).NotNullable()
            .WithColumn("unit").AsString(40).NotNullable()
            .WithColumn("mask").AsString(100).NotNullable()
            .WithColumn("created_at").AsDateTimeOffset().NotNullable();
        Create.Index("ux_series_direction_unit").OnTable("series").OnColumn("direction").Ascending().OnColumn("unit").Ascending().WithOptions().Unique();

        Create.Table("allocation")
            .WithColumn("letter_id").AsGuid().PrimaryKey()
            .WithColumn("series").AsString(60).NotNullable().ForeignKey("fk_allocation_series", "series", "key")
            .WithColumn("period").AsString(10).NotNullable()
            .WithColumn("sequence").AsInt64().NotNullable()
            .WithColumn("reference_number").AsString(300).NotNullable().Unique("ux_allocation_reference_number")
            .WithColumn("allocated_at").AsDateTimeOffset().NotNullable();
        Create.Index("ux_allocation_place").OnTable("allocation")
            .OnColumn("series").Ascending().OnColumn("period").Ascending().OnColumn("sequence").Ascending().WithOptions().Unique();
    }
}
