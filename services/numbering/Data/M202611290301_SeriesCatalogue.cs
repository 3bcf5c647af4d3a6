using FluentMigrator;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Data;

[Migration(202611290301, "Series by unit, subtree and letter type; masks that change; request keys")]
public sealed class M202611290301_SeriesCatalogue : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("series")
            .AddColumn("subtree").AsBoolean().NotNullable().WithDefaultValue(false)
            .AddColumn("letter_type").AsString(40).NotNullable().WithDefaultValue("")
            .AddColumn("reset").AsString(20).NotNullable().WithDefaultValue("Gregorian")
            .AddColumn("closed_at").AsDateTimeOffset().Nullable()
            .AddColumn("closed_key").AsString(60).NotNullable().WithDefaultValue("");
        Delete.Index("ux_series_direction_unit").OnTable("series");
        Create.Index("ux_series_for").OnTable("series").OnColumn("direction").Ascending().OnColumn("unit").Ascending().OnColumn("subtree").Ascending()
            .OnColumn("letter_type").Ascending().OnColumn("closed_key").Ascending().WithOptions().Unique();
        Create.Index("ix_series_subtree").OnTable("series").OnColumn("direction").Ascending().OnColumn("subtree").Ascending().OnColumn("closed_key").Ascending();

        Create.Table("series_mask")
            .WithColumn("series").AsString(60).PrimaryKey().ForeignKey("fk_series_mask_series", "series", "key")
            .WithColumn("version").AsInt32().PrimaryKey()
            .WithColumn("mask").AsString(100).NotNullable()
            .WithColumn("from_period").AsString(10).NotNullable()
            .WithColumn("created_by").AsString(256).NotNullable()
            .WithColumn("created_at").AsDateTimeOffset().NotNullable();

        // Whoever changes the series of the tenant holds this row: no two changes are checked against the same state.
        Create.Table("catalogue_lock")
            .WithColumn("id").AsInt32().PrimaryKey()
            .WithColumn("version").AsInt64().NotNullable();
        Insert.IntoTable("catalogue_lock").Row(new { id = 1, version = 0L });
        Create.RequestKeyTable();
    }
}
