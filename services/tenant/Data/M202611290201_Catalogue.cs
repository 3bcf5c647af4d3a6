using FluentMigrator;

namespace Tarasol.Tenants.Data;

[Migration(202611290201, "Limits, host names and defaults of tenants")]
public sealed class M202611290201_Catalogue : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("tenant")
            .AddColumn("max_users").AsInt32().Nullable()
            .AddColumn("max_storage_bytes").AsInt64().Nullable()
            .AddColumn("requests_per_minute").AsInt32().Nullable()
            .AddColumn("default_language").AsString(10).NotNullable().WithDefaultValue("Ar")
            .AddColumn("calendar").AsString(20).NotNullable().WithDefaultValue("Gregorian")
            .AddColumn("suspended_at").AsDateTimeOffset().Nullable()
            .AddColumn("archived_at").AsDateTimeOffset().Nullable()
            .AddColumn("changed_at").AsDateTimeOffset().Nullable()
            .AddColumn("version").AsInt32().NotNullable().WithDefaultValue(1);
        Create.Index("ix_tenant_changed_at").OnTable("tenant").OnColumn("changed_at").Ascending();

        Create.Table("tenant_host")
            .WithColumn("host").AsString(253).PrimaryKey()
            .WithColumn("slug").AsString(40).NotNullable();
        Create.Index("ix_tenant_host_slug").OnTable("tenant_host").OnColumn("slug").Ascending();
    }
}
