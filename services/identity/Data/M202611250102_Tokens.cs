using FluentMigrator;

namespace Tarasol.Identity.Data;

[Migration(202611250102, "Clients, grants and tokens of OpenIddict")]
public sealed class M202611250102_Tokens : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("client")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("application_type").AsString(50).Nullable()
            .WithColumn("client_id").AsString(100).Nullable().Unique("ux_client_client_id")
            .WithColumn("client_secret").AsString(1000).Nullable()
            .WithColumn("client_type").AsString(50).Nullable()
            .WithColumn("concurrency_token").AsString(50).Nullable()
            .WithColumn("consent_type").AsString(50).Nullable()
            .WithColumn("display_name").AsString(200).Nullable()
            .WithColumn("display_names").AsString(int.MaxValue).Nullable()
            .WithColumn("json_web_key_set").AsString(int.MaxValue).Nullable()
            .WithColumn("permissions").AsString(int.MaxValue).Nullable()
            .WithColumn("post_logout_redirect_uris").AsString(int.MaxValue).Nullable()
            .WithColumn("properties").AsString(int.MaxValue).Nullable()
            .WithColumn("redirect_uris").AsString(int.MaxValue).Nullable()
            .WithColumn("requirements").AsString(int.MaxValue).Nullable()
            .WithColumn("settings").AsString(int.MaxValue).Nullable();

        Create.Table("authorization_grant")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("application_id").AsGuid().Nullable().ForeignKey("fk_authorization_client", "client", "id")
            .WithColumn("concurrency_token").AsString(50).Nullable()
            .WithColumn("creation_date").AsDateTimeOffset().Nullable()
            .WithColumn("properties").AsString(int.MaxValue).Nullable()
            .WithColumn("scopes").AsString(int.MaxValue).Nullable()
            .WithColumn("status").AsString(50).Nullable()
            .WithColumn("subject").AsString(400).Nullable()
            .WithColumn("type").AsString(50).Nullable();
        Create.Index("ix_authorization_grant_subject").OnTable("authorization_grant")
            .OnColumn("application_id").Ascending().OnColumn("status").Ascending().OnColumn("subject").Ascending().OnColumn("type").Ascending();

        Create.Table("scope")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("concurrency_token").AsString(50).Nullable()
            .WithColumn("description").AsString(int.MaxValue).Nullable()
            .WithColumn("descriptions").AsString(int.MaxValue).Nullable()
            .WithColumn("display_name").AsString(200).Nullable()
            .WithColumn("display_names").AsString(int.MaxValue).Nullable()
            .WithColumn("name").AsString(200).Nullable().Unique("ux_scope_name")
            .WithColumn("properties").AsString(int.MaxValue).Nullable()
            .WithColumn("resources").AsString(int.MaxValue).Nullable();

        Create.Table("token")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("application_id").AsGuid().Nullable().ForeignKey("fk_token_client", "client", "id")
            .WithColumn("authorization_id").AsGuid().Nullable().ForeignKey("fk_token_authorization", "authorization_grant", "id").Indexed("ix_token_authorization")
            .WithColumn("concurrency_token").AsString(50).Nullable()
            .WithColumn("creation_date").AsDateTimeOffset().Nullable()
            .WithColumn("expiration_date").AsDateTimeOffset().Nullable()
            .WithColumn("payload").AsString(int.MaxValue).Nullable()
            .WithColumn("properties").AsString(int.MaxValue).Nullable()
            .WithColumn("redemption_date").AsDateTimeOffset().Nullable()
            .WithColumn("reference_id").AsString(100).Nullable()
            .WithColumn("status").AsString(50).Nullable()
            .WithColumn("subject").AsString(400).Nullable()
            .WithColumn("type").AsString(100).Nullable();
        // Not unique: SQL Server would take two rows without a reference for equal.
        Create.Index("ix_token_reference").OnTable("token").OnColumn("reference_id").Ascending();
        Create.Index("ix_token_subject").OnTable("token")
            .OnColumn("application_id").Ascending().OnColumn("status").Ascending().OnColumn("subject").Ascending().OnColumn("type").Ascending();
    }
}
