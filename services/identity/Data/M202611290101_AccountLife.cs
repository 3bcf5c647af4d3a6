using FluentMigrator;

namespace Tarasol.Identity.Data;

[Migration(202611290101, "Accounts that are disabled, removed or must change their password; revoked access tokens")]
public sealed class M202611290101_AccountLife : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("account")
            .AddColumn("must_change_password").AsBoolean().NotNullable().WithDefaultValue(false)
            .AddColumn("disabled_at").AsDateTimeOffset().Nullable()
            .AddColumn("removed_at").AsDateTimeOffset().Nullable()
            .AddColumn("token_version").AsInt32().NotNullable().WithDefaultValue(0);

        Create.Table("recorded_revocation")
            .WithColumn("event_id").AsString(200).PrimaryKey()
            .WithColumn("user_id").AsGuid().NotNullable()
            .WithColumn("session_id").AsGuid().Nullable()
            .WithColumn("from_version").AsInt32().NotNullable()
            .WithColumn("until").AsDateTimeOffset().NotNullable();
        Create.Index("ix_recorded_revocation_until").OnTable("recorded_revocation").OnColumn("until").Ascending();
    }
}
