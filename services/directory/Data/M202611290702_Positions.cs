using FluentMigrator;

namespace Tarasol.Directories.Data;

[Migration(202611290702, "Positions and who holds them")]
public sealed class M202611290702_Positions : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("position")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("unit_id").AsGuid().NotNullable().ForeignKey("fk_position_unit", "unit", "id")
            .WithColumn("role").AsString(40).NotNullable()
            .WithColumn("title_ar").AsString(200).NotNullable()
            .WithColumn("title_en").AsString(200).NotNullable()
            .WithColumn("closed_on").AsDate().Nullable()
            .WithColumn("created_at").AsDateTimeOffset().NotNullable()
            .WithColumn("version").AsInt32().NotNullable();
        Create.Index("ix_position_unit").OnTable("position").OnColumn("unit_id").Ascending().OnColumn("role").Ascending();

        Create.Table("appointment")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("position_id").AsGuid().NotNullable().ForeignKey("fk_appointment_position", "position", "id")
            .WithColumn("user_name").AsString(256).NotNullable()
            .WithColumn("from_day").AsDate().NotNullable()
            .WithColumn("until_day").AsDate().Nullable()
            .WithColumn("made_by").AsString(256).NotNullable()
            .WithColumn("made_at").AsDateTimeOffset().NotNullable()
            .WithColumn("ended_by").AsString(256).Nullable()
            .WithColumn("ended_at").AsDateTimeOffset().Nullable()
            .WithColumn("end_cause").AsString(20).Nullable();
        Create.Index("ix_appointment_position").OnTable("appointment").OnColumn("position_id").Ascending();
        Create.Index("ix_appointment_user").OnTable("appointment").OnColumn("user_name").Ascending();
    }
}
