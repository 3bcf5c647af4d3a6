using FluentMigrator;

namespace Tarasol.Identity.Data;

[Migration(202611290102, "Roles for a unit and those below it; a second factor by role")]
public sealed class M202611290102_OwnRoles : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("role").AddColumn("mfa_required").AsBoolean().NotNullable().WithDefaultValue(false);

        Create.Table("limited_role")
            .WithColumn("user_id").AsGuid().PrimaryKey().ForeignKey("fk_limited_role_account", "account", "id")
            .WithColumn("role_id").AsGuid().PrimaryKey().ForeignKey("fk_limited_role_role", "role", "id")
            .WithColumn("unit_id").AsGuid().PrimaryKey();
    }
}
