using System.Data;
using FluentMigrator;

namespace Tarasol.Identity.Data;

[Migration(202611250101, "Accounts and roles")]
public sealed class M202611250101_Accounts : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("account")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("user_name").AsString(256).NotNullable()
            .WithColumn("normalized_user_name").AsString(256).NotNullable().Unique("ux_account_user_name")
            .WithColumn("display_name_ar").AsString(200).NotNullable()
            .WithColumn("display_name_en").AsString(200).NotNullable()
            .WithColumn("clearance").AsInt32().NotNullable()
            .WithColumn("unit_id").AsGuid().Nullable()
            .WithColumn("created_at").AsDateTimeOffset().NotNullable()
            .WithColumn("email").AsString(256).Nullable()
            .WithColumn("normalized_email").AsString(256).Nullable()
            .WithColumn("email_confirmed").AsBoolean().NotNullable()
            .WithColumn("password_hash").AsString(1000).Nullable()
            .WithColumn("security_stamp").AsString(100).Nullable()
            .WithColumn("concurrency_stamp").AsString(100).Nullable()
            .WithColumn("phone_number").AsString(50).Nullable()
            .WithColumn("phone_number_confirmed").AsBoolean().NotNullable()
            .WithColumn("two_factor_enabled").AsBoolean().NotNullable()
            .WithColumn("lockout_end").AsDateTimeOffset().Nullable()
            .WithColumn("lockout_enabled").AsBoolean().NotNullable()
            .WithColumn("access_failed_count").AsInt32().NotNullable();

        Create.Table("role")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("name").AsString(256).NotNullable()
            .WithColumn("normalized_name").AsString(256).NotNullable().Unique("ux_role_name")
            .WithColumn("name_ar").AsString(200).NotNullable()
            .WithColumn("name_en").AsString(200).NotNullable()
            .WithColumn("concurrency_stamp").AsString(100).Nullable();

        Create.Table("account_role")
            .WithColumn("user_id").AsGuid().PrimaryKey().ForeignKey("fk_account_role_account", "account", "id").OnDelete(Rule.Cascade)
            .WithColumn("role_id").AsGuid().PrimaryKey().ForeignKey("fk_account_role_role", "role", "id").OnDelete(Rule.Cascade);

        Create.Table("role_claim")
            .WithColumn("id").AsInt32().PrimaryKey().Identity()
            .WithColumn("role_id").AsGuid().NotNullable().ForeignKey("fk_role_claim_role", "role", "id").OnDelete(Rule.Cascade).Indexed("ix_role_claim_role")
            .WithColumn("claim_type").AsString(200).Nullable()
            .WithColumn("claim_value").AsString(200).Nullable();

        Create.Table("account_claim")
            .WithColumn("id").AsInt32().PrimaryKey().Identity()
            .WithColumn("user_id").AsGuid().NotNullable().ForeignKey("fk_account_claim_account", "account", "id").OnDelete(Rule.Cascade).Indexed("ix_account_claim_account")
            .WithColumn("claim_type").AsString(200).Nullable()
            .WithColumn("claim_value").AsString(2000).Nullable();

        Create.Table("account_login")
            .WithColumn("login_provider").AsString(128).PrimaryKey()
            .WithColumn("provider_key").AsString(128).PrimaryKey()
            .WithColumn("provider_display_name").AsString(200).Nullable()
            .WithColumn("user_id").AsGuid().NotNullable().ForeignKey("fk_account_login_account", "account", "id").OnDelete(Rule.Cascade).Indexed("ix_account_login_account");

        Create.Table("account_token")
            .WithColumn("user_id").AsGuid().PrimaryKey().ForeignKey("fk_account_token_account", "account", "id").OnDelete(Rule.Cascade)
            .WithColumn("login_provider").AsString(128).PrimaryKey()
            .WithColumn("name").AsString(128).PrimaryKey()
            .WithColumn("value").AsString(2000).Nullable();
    }
}
