using FluentMigrator;

namespace Tarasol.Correspondence.Data;

[Migration(202611290213, "Closed letters")]
public sealed class M202611290213_Closing : ForwardOnlyMigration
{
    public override void Up()
    {
        Alter.Table("letter").AddColumn("closure").AsString(20).Nullable();
        Alter.Table("letter").AddColumn("closed_from").AsString(20).Nullable();
    }
}
