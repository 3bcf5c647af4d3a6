using FluentMigrator;

namespace Tarasol.Directories.Data;

[Migration(202611290701, "Units over time")]
public sealed class M202611290701_UnitLife : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("unit").AddColumn("opened_on").AsDate().Nullable();
        Alter.Table("unit").AddColumn("closed_on").AsDate().Nullable();
        Alter.Table("unit").AddColumn("successor_id").AsGuid().Nullable();
        Alter.Table("unit").AddColumn("close_reason").AsString(1000).Nullable();
        Alter.Table("unit").AddColumn("version").AsInt32().NotNullable().WithDefaultValue(0);

        Create.Table("former_unit")
            .WithColumn("unit_id").AsGuid().PrimaryKey().ForeignKey("fk_former_unit_unit", "unit", "id")
            .WithColumn("number").AsInt32().PrimaryKey()
            .WithColumn("until_day").AsDate().NotNullable()
            .WithColumn("name_ar").AsString(200).NotNullable()
            .WithColumn("name_en").AsString(200).NotNullable()
            .WithColumn("parent_id").AsGuid().Nullable()
            .WithColumn("changed_by").AsString(256).NotNullable()
            .WithColumn("changed_at").AsDateTimeOffset().NotNullable();

        // One row: the tree is changed by one at a time.
        Create.Table("tree_turn")
            .WithColumn("id").AsInt32().PrimaryKey()
            .WithColumn("version").AsInt32().NotNullable();
        Insert.IntoTable("tree_turn").Row(new { id = 1, version = 0 });
    }
}
