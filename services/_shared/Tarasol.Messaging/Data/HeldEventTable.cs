using FluentMigrator;

namespace Tarasol.Messaging.Data;

/// <summary>The table of events that wait for their tenant.</summary>
[Migration(2, "Held events")]
public sealed class HeldEventTable : ForwardOnlyMigration
{
    /// <inheritdoc/>
    public override void Up() => Create.Table("held_event")
        .WithColumn("event_id").AsString(200).PrimaryKey()
        .WithColumn("type").AsString(200).NotNullable()
        .WithColumn("envelope").AsString(int.MaxValue).NotNullable()
        .WithColumn("received_at").AsDateTimeOffset().NotNullable();
}
