using FluentMigrator;

namespace Tarasol.Profiles.Data;

[Migration(202611290901, "Profiles")]
public sealed class M202611290901_Profiles : ForwardOnlyMigration
{
    public override void Up() => Create.Table("profile")
        .WithColumn("user_name").AsString(256).PrimaryKey()
        .WithColumn("language").AsString(10).Nullable()
        .WithColumn("calendar").AsString(20).Nullable()
        .WithColumn("time_zone").AsString(60).Nullable()
        .WithColumn("notifications").AsString(int.MaxValue).NotNullable()
        .WithColumn("signature_hash").AsString(64).Nullable()
        .WithColumn("signature_at").AsDateTimeOffset().Nullable()
        .WithColumn("changed_at").AsDateTimeOffset().NotNullable()
        .WithColumn("version").AsInt32().NotNullable();
}
