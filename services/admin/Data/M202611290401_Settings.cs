using FluentMigrator;
using Tarasol.Tenancy;

namespace Tarasol.Administration.Data;

[Migration(202611290401, "Settings and their published versions")]
public sealed class M202611290401_Settings : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("setting")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("kind").AsString(20).NotNullable()
            .WithColumn("key").AsString(60).NotNullable()
            .WithColumn("draft").AsString(int.MaxValue).Nullable()
            .WithColumn("published").AsInt32().NotNullable()
            .WithColumn("changed_at").AsDateTimeOffset().NotNullable()
            .WithColumn("row_version").AsInt32().NotNullable();
        Create.Index("ux_setting_key").OnTable("setting").OnColumn("kind").Ascending().OnColumn("key").Ascending().WithOptions().Unique();

        Create.Table("setting_version")
            .WithColumn("setting_id").AsGuid().PrimaryKey().ForeignKey("fk_setting_version_setting", "setting", "id")
            .WithColumn("number").AsInt32().PrimaryKey()
            .WithColumn("content").AsString(int.MaxValue).NotNullable()
            .WithColumn("published_by").AsString(256).NotNullable()
            .WithColumn("published_at").AsDateTimeOffset().NotNullable();

        Create.RequestKeyTable();
    }
}
