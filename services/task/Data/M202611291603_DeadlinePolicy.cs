using FluentMigrator;

namespace Tarasol.Tasks.Data;

[Migration(202611291603, "The tenant's policy of deadlines")]
public sealed class M202611291603_DeadlinePolicy : ForwardOnlyMigration
{
    public override void Up() =>
        Create.Table("deadline_policy")
            .WithColumn("id").AsInt32().PrimaryKey()
            .WithColumn("version").AsInt32().NotNullable()
            .WithColumn("definition").AsString(int.MaxValue).NotNullable();
}
