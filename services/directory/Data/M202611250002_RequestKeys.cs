using FluentMigrator;
using Tarasol.Tenancy;

namespace Tarasol.Directories.Data;

[Migration(202611250002, "Request keys")]
public sealed class M202611250002_RequestKeys : ForwardOnlyMigration
{
    public override void Up() => Create.RequestKeyTable();
}
