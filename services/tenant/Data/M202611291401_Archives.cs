using FluentMigrator;

namespace Tarasol.Tenants.Data;

[Migration(202611291401, "Archives of tenants")]
public sealed class M202611291401_Archives : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("tenant_archive")
            .WithColumn("slug").AsString(40).PrimaryKey()
            .WithColumn("state").AsString(20).NotNullable()
            .WithColumn("requested_by").AsString(200).NotNullable()
            .WithColumn("requested_at").AsDateTimeOffset().NotNullable()
            .WithColumn("finished_at").AsDateTimeOffset().Nullable()
            .WithColumn("bytes").AsInt64().Nullable()
            .WithColumn("sha256").AsString(64).Nullable()
            .WithColumn("last_error").AsString(2000).Nullable();

        Create.Table("tenant_archive_part")
            .WithColumn("slug").AsString(40).PrimaryKey()
            .WithColumn("service").AsString(100).PrimaryKey()
            .WithColumn("state").AsString(20).NotNullable()
            .WithColumn("rows").AsInt64().NotNullable()
            .WithColumn("bytes").AsInt64().NotNullable()
            .WithColumn("sha256").AsString(64).Nullable()
            .WithColumn("attempts").AsInt32().NotNullable()
            .WithColumn("last_error").AsString(2000).Nullable();
    }
}
