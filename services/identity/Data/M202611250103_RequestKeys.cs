using FluentMigrator;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Data;

[Migration(202611250103, "Request keys")]
public sealed class M202611250103_RequestKeys : ForwardOnlyMigration
{
    public override void Up() => Create.RequestKeyTable();
}
