using FluentMigrator;

namespace Tarasol.Numbering.Data;

[Migration(202611290302, "The register: a chain of entries in each series, reserved blocks, void numbers")]
public sealed class M202611290302_Register : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("register_entry")
            .WithColumn("series").AsString(60).PrimaryKey().ForeignKey("fk_register_entry_series", "series", "key")
            .WithColumn("position").AsInt64().PrimaryKey()
            .WithColumn("kind").AsString(20).NotNullable()
            .WithColumn("period").AsString(10).NotNullable()
            .WithColumn("first").AsInt64().NotNullable()
            .WithColumn("last").AsInt64().NotNullable()
            .WithColumn("reference_number").AsString(300).NotNullable()
            .WithColumn("letter_id").AsGuid().Nullable()
            .WithColumn("block_id").AsGuid().Nullable()
            .WithColumn("unit").AsString(40).NotNullable()
            .WithColumn("day").AsString(10).NotNullable()
            .WithColumn("text").AsString(2000).NotNullable()
            .WithColumn("actor").AsString(256).NotNullable()
            .WithColumn("at").AsDateTimeOffset().NotNullable()
            .WithColumn("previous_hash").AsString(64).NotNullable()
            .WithColumn("hash").AsString(64).NotNullable();
        // The last number of a period is the end of this index.
        Create.Index("ix_register_entry_last").OnTable("register_entry").OnColumn("series").Ascending().OnColumn("period").Ascending().OnColumn("last").Ascending();

        Create.Table("register_end")
            .WithColumn("series").AsString(60).PrimaryKey().ForeignKey("fk_register_end_series", "series", "key")
            .WithColumn("position").AsInt64().NotNullable()
            .WithColumn("hash").AsString(64).NotNullable();

        Create.Table("number_block")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("series").AsString(60).NotNullable().ForeignKey("fk_number_block_series", "series", "key")
            .WithColumn("period").AsString(10).NotNullable()
            .WithColumn("first").AsInt64().NotNullable()
            .WithColumn("last").AsInt64().NotNullable()
            .WithColumn("next").AsInt64().NotNullable()
            .WithColumn("unit").AsString(40).NotNullable()
            .WithColumn("day").AsString(10).NotNullable()
            .WithColumn("mask").AsString(100).NotNullable()
            .WithColumn("purpose").AsString(500).NotNullable()
            .WithColumn("reserved_by").AsString(256).NotNullable()
            .WithColumn("reserved_at").AsDateTimeOffset().NotNullable()
            .WithColumn("released_at").AsDateTimeOffset().Nullable();

        Create.Table("void_number")
            .WithColumn("reference_number").AsString(300).PrimaryKey()
            .WithColumn("series").AsString(60).NotNullable().ForeignKey("fk_void_number_series", "series", "key")
            .WithColumn("period").AsString(10).NotNullable()
            .WithColumn("sequence").AsInt64().NotNullable()
            .WithColumn("reason").AsString(1000).NotNullable()
            .WithColumn("voided_by").AsString(256).NotNullable()
            .WithColumn("voided_at").AsDateTimeOffset().NotNullable();
        AppendOnly();
    }

    // The database itself refuses to change or delete what is written, also for those who reach it past this service.
    private void AppendOnly()
    {
        foreach (var change in (string[])["UPDATE", "DELETE"])
        {
            IfDatabase(ProcessorIdConstants.SQLite).Execute.Sql($"""
                CREATE TRIGGER tr_register_entry_no_{change.ToLowerInvariant()} BEFORE {change} ON register_entry
                BEGIN SELECT RAISE(ABORT, 'The register is append-only.'); END;
                """);
        }
        IfDatabase(ProcessorIdConstants.Postgres).Execute.Sql("""
            CREATE FUNCTION refuse_register_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'The register is append-only.'; END $$;
            CREATE TRIGGER tr_register_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON register_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_register_change();
            """);
        IfDatabase(ProcessorIdConstants.SqlServer).Execute.Sql("""
            CREATE TRIGGER tr_register_entry_append_only ON register_entry INSTEAD OF UPDATE, DELETE AS BEGIN THROW 50001, 'The register is append-only.', 1; END
            """);
    }
}
