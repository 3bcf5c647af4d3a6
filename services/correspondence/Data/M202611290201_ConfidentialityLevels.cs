using FluentMigrator;

namespace Tarasol.Correspondence.Data;

/// <summary>SQLite takes any value into any column: earlier releases wrote the names of the levels where the numbers belong.</summary>
[Migration(202611290201, "Confidentiality as a number")]
public sealed class M202611290201_ConfidentialityLevels : ForwardOnlyMigration
{
    public override void Up() => IfDatabase(ProcessorIdConstants.SQLite).Execute.Sql("""
        UPDATE letter SET confidentiality = CASE confidentiality WHEN 'Normal' THEN 0 WHEN 'Restricted' THEN 1 WHEN 'Secret' THEN 2 WHEN 'TopSecret' THEN 3 ELSE confidentiality END
        """);
}
