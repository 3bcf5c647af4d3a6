using FluentMigrator;

namespace Tarasol.Directories.Data;

[Migration(202611250001, "Units")]
public sealed class M202611250001_Units : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("unit")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("code").AsString(40).NotNullable().Unique("ux_unit_code")
            .WithColumn("name_ar").AsString(200).NotNullable()
            .WithColumn("name_en").AsString(200).NotNullable()
            .WithColumn("parent_id").AsGuid().Nullable().ForeignKey("fk_unit_parent", "unit", "id")
            .WithColumn("created_at").AsDateTimeOffset().NotNullable();
    }
}
