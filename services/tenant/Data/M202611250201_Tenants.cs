using FluentMigrator;

namespace Tarasol.Tenants.Data;

[Migration(202611250201, "Tenants, their databases and their provisioning")]
public sealed class M202611250201_Tenants : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("tenant")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("slug").AsString(40).NotNullable().Unique("ux_tenant_slug")
            .WithColumn("name_ar").AsString(200).NotNullable()
            .WithColumn("name_en").AsString(200).NotNullable()
            .WithColumn("status").AsString(20).NotNullable()
            .WithColumn("created_at").AsDateTimeOffset().NotNullable()
            .WithColumn("activated_at").AsDateTimeOffset().Nullable()
            .WithColumn("admin_user_name").AsString(100).Nullable()
            .WithColumn("admin_password").AsString(2000).Nullable()
            .WithColumn("idempotency_key").AsString(200).Nullable()
            .WithColumn("request_print").AsString(100).Nullable();
        // Not unique: SQL Server would take two rows without a key for equal. The slug decides races.
        Create.Index("ix_tenant_idempotency_key").OnTable("tenant").OnColumn("idempotency_key").Ascending();

        Create.Table("tenant_database")
            .WithColumn("slug").AsString(40).PrimaryKey()
            .WithColumn("service").AsString(100).PrimaryKey()
            .WithColumn("provider").AsString(20).NotNullable()
            .WithColumn("database").AsString(400).NotNullable()
            .WithColumn("server_secret").AsString(200).Nullable();

        Create.Table("provisioning_step")
            .WithColumn("slug").AsString(40).PrimaryKey()
            .WithColumn("name").AsString(100).PrimaryKey()
            .WithColumn("state").AsString(20).NotNullable()
            .WithColumn("attempts").AsInt32().NotNullable()
            .WithColumn("last_error").AsString(2000).Nullable()
            .WithColumn("next_attempt_at").AsDateTimeOffset().NotNullable();
        Create.Index("ix_provisioning_step_due").OnTable("provisioning_step").OnColumn("state").Ascending().OnColumn("next_attempt_at").Ascending();
    }
}
