using FluentMigrator;

namespace Tarasol.Audit.Data;

/// <summary>The database itself refuses to change or delete evidence, also for those who reach it past this service.</summary>
[Migration(202611250002, "Entries cannot be changed or deleted")]
public sealed class M202611250002_AppendOnly : ForwardOnlyMigration
{
    public override void Up()
    {
        foreach (var change in (string[])["UPDATE", "DELETE"])
        {
            IfDatabase(ProcessorIdConstants.SQLite).Execute.Sql($"""
                CREATE TRIGGER tr_audit_entry_no_{change.ToLowerInvariant()} BEFORE {change} ON audit_entry
                BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only.'); END;
                """);
        }
        IfDatabase(ProcessorIdConstants.SQLite).Execute.Sql("""
            CREATE TRIGGER tr_audit_end_no_delete BEFORE DELETE ON audit_end
            BEGIN SELECT RAISE(ABORT, 'The end of the audit trail cannot be deleted.'); END;
            """);

        IfDatabase(ProcessorIdConstants.Postgres).Execute.Sql("""
            CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'The audit trail is append-only.'; END $$;
            CREATE TRIGGER tr_audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
            CREATE TRIGGER tr_audit_end_no_delete BEFORE DELETE OR TRUNCATE ON audit_end FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
            """);

        IfDatabase(ProcessorIdConstants.SqlServer).Execute.Sql("""
            CREATE TRIGGER tr_audit_entry_append_only ON audit_entry INSTEAD OF UPDATE, DELETE AS BEGIN THROW 50001, 'The audit trail is append-only.', 1; END
            """);
        IfDatabase(ProcessorIdConstants.SqlServer).Execute.Sql("""
            CREATE TRIGGER tr_audit_end_no_delete ON audit_end INSTEAD OF DELETE AS BEGIN THROW 50001, 'The end of the audit trail cannot be deleted.', 1; END
            """);
    }
}
