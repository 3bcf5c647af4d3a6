using FluentMigrator;

namespace Tarasol.Correspondence.Data;

/// <summary>Everything that counting letters looks at, in the order in which they are grouped: the letters themselves, with their bodies, are not read for it.</summary>
[Migration(202611290240, "Letters are counted from an index")]
public sealed class M202611290240_CountIndex : ForwardOnlyMigration
{
    public override void Up() => Create.Index("ix_letter_counts").OnTable("letter").OnColumn("status").Ascending().OnColumn("direction").Ascending().OnColumn("urgency").Ascending()
        .OnColumn("confidentiality").Ascending().OnColumn("confidential_until").Ascending().OnColumn("owner_unit_id").Ascending().OnColumn("id").Ascending();
}
