using FluentMigrator;

namespace Tarasol.Identity.Data;

[Migration(202611290103, "Second factor, recovery codes, tokens that go out by mail")]
public sealed class M202611290103_SecondFactor : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("account")
            .AddColumn("totp_secret").AsString(500).Nullable()
            .AddColumn("totp_pending").AsString(500).Nullable()
            .AddColumn("totp_last_step").AsInt64().NotNullable().WithDefaultValue(0);

        Create.Table("recovery_code")
            .WithColumn("user_id").AsGuid().PrimaryKey().ForeignKey("fk_recovery_code_account", "account", "id")
            .WithColumn("code_hash").AsString(64).PrimaryKey();

        Create.Table("mailed_token")
            .WithColumn("token_hash").AsString(64).PrimaryKey()
            .WithColumn("user_id").AsGuid().NotNullable().ForeignKey("fk_mailed_token_account", "account", "id").Indexed("ix_mailed_token_user")
            .WithColumn("purpose").AsString(20).NotNullable()
            .WithColumn("email").AsString(256).NotNullable()
            .WithColumn("created_at").AsDateTimeOffset().NotNullable()
            .WithColumn("expires_at").AsDateTimeOffset().NotNullable();

        Create.Table("reset_request")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("user_name").AsString(256).NotNullable()
            .WithColumn("requested_at").AsDateTimeOffset().NotNullable();
    }
}
