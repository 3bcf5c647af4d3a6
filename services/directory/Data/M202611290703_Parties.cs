using FluentMigrator;

namespace Tarasol.Directories.Data;

[Migration(202611290703, "Parties and their merges")]
public sealed class M202611290703_Parties : ForwardOnlyMigration
{
    public override void Up()
    {
        Create.Table("party")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("kind").AsString(20).NotNullable()
            .WithColumn("name_ar").AsString(300).Nullable()
            .WithColumn("name_en").AsString(300).Nullable()
            .WithColumn("email").AsString(254).Nullable()
            .WithColumn("phone").AsString(40).Nullable()
            .WithColumn("merged_into").AsGuid().Nullable().ForeignKey("fk_party_party", "party", "id")
            .WithColumn("created_at").AsDateTimeOffset().NotNullable()
            .WithColumn("version").AsInt32().NotNullable();

        Create.Table("party_detail")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("party_id").AsGuid().NotNullable().ForeignKey("fk_party_detail_party", "party", "id")
            .WithColumn("kind").AsString(20).NotNullable()
            .WithColumn("scheme").AsString(40).Nullable()
            .WithColumn("text").AsString(500).NotNullable()
            .WithColumn("compared").AsString(500).NotNullable()
            .WithColumn("merge_id").AsGuid().Nullable();
        Create.Index("ix_party_detail_party").OnTable("party_detail").OnColumn("party_id").Ascending();

        Create.Table("party_word")
            .WithColumn("word").AsString(60).PrimaryKey()
            .WithColumn("party_id").AsGuid().PrimaryKey().ForeignKey("fk_party_word_party", "party", "id");
        Create.Index("ix_party_word_party").OnTable("party_word").OnColumn("party_id").Ascending();

        Create.Table("party_merge")
            .WithColumn("id").AsGuid().PrimaryKey()
            .WithColumn("kept_id").AsGuid().NotNullable().ForeignKey("fk_party_merge_kept", "party", "id")
            .WithColumn("merged_id").AsGuid().NotNullable().ForeignKey("fk_party_merge_merged", "party", "id")
            .WithColumn("reason").AsString(1000).Nullable()
            .WithColumn("merged_by").AsString(256).NotNullable()
            .WithColumn("merged_at").AsDateTimeOffset().NotNullable()
            .WithColumn("undone_by").AsString(256).Nullable()
            .WithColumn("undone_at").AsDateTimeOffset().Nullable();
        Create.Index("ix_party_merge_kept").OnTable("party_merge").OnColumn("kept_id").Ascending();
        Create.Index("ix_party_merge_merged").OnTable("party_merge").OnColumn("merged_id").Ascending();
    }
}
