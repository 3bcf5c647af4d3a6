using FluentMigrator;

namespace Tarasol.Messaging.Data;

/// <summary>The tables of outbox, inbox and dead letters. Low numbers: services number theirs by date.</summary>
[Migration(1, "Outbox, inbox and dead letters")]
public sealed class MessagingTables : ForwardOnlyMigration
{
    /// <inheritdoc/>
    public override void Up()
    {
        Create.Table("outbox_message")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("type").AsString(200).NotNullable()
            .WithColumn("subject").AsString(200).NotNullable()
            .WithColumn("actor").AsString(200).NotNullable()
            .WithColumn("trace_parent").AsString(100).Nullable()
            .WithColumn("data").AsString(int.MaxValue).NotNullable()
            .WithColumn("created_at").AsDateTimeOffset().NotNullable()
            .WithColumn("attempts").AsInt32().NotNullable()
            .WithColumn("next_attempt_at").AsDateTimeOffset().NotNullable()
            .WithColumn("state").AsString(20).NotNullable()
            .WithColumn("last_error").AsString(2000).Nullable();
        Create.Index("ix_outbox_message_due").OnTable("outbox_message").OnColumn("state").Ascending().OnColumn("next_attempt_at").Ascending();

        Create.Table("inbox_message")
            .WithColumn("event_id").AsString(200).PrimaryKey()
            .WithColumn("handler").AsString(200).PrimaryKey()
            .WithColumn("handled_at").AsDateTimeOffset().NotNullable();

        Create.Table("dead_letter")
            .WithColumn("event_id").AsString(200).PrimaryKey()
            .WithColumn("type").AsString(200).NotNullable()
            .WithColumn("envelope").AsString(int.MaxValue).NotNullable()
            .WithColumn("received_at").AsDateTimeOffset().NotNullable();
    }
}
