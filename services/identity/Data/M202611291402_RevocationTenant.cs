using FluentMigrator;

namespace Tarasol.Identity.Data;

[Migration(202611291402, "Whose tokens a revocation is about")]
public sealed class M202611291402_RevocationTenant : ForwardOnlyMigration
{
    public override void Up() => Alter.Table("recorded_revocation").AddColumn("tenant").AsString(40).Nullable();
}
