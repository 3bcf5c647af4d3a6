using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Tarasol.Tenancy;
using Tarasol.Tenancy.Exports;

namespace Tarasol.Tests.Unit.Tenancy;

/// <summary>What an export takes and leaves, for every service's model.</summary>
public sealed partial class SecretColumnsTests
{
    public static TheoryData<string> Contexts => [.. All().Select(type => type.FullName!)];

    [Theory]
    [MemberData(nameof(Contexts))]
    public void Every_table_can_be_exported(string context) => Assert.NotEmpty(TenantExport.Tables(ModelOf(context)));

    [Theory]
    [MemberData(nameof(Contexts))]
    public void A_column_that_sounds_like_a_secret_is_marked_as_one(string context)
    {
        foreach (var (table, entity) in TenantExport.Tables(ModelOf(context)))
        {
            // The name of a secret is none.
            var suspicious = entity.GetProperties().Where(column => $"{table}.{column.GetColumnName()}" != "tenant_database.server_secret").Where(column => column.ClrType == typeof(string) || column.ClrType == typeof(byte[])).Where(column => !column.IsConcurrencyToken);
            Assert.All(suspicious.Where(column => Secret().IsMatch(column.GetColumnName())), column => Assert.True(column.IsSecret(), $"{table}.{column.GetColumnName()}: mark it with IsSecret()"));
        }
    }

    [Fact]
    public void Nothing_that_lets_somebody_in_leaves_identity()
    {
        var model = ModelOf("Tarasol.Identity.Data.AccountsDbContext");
        var left = TenantExport.Tables(model).SelectMany(each => each.Entity.GetProperties().Where(column => column.IsSecret()).Select(column => $"{each.Table}.{column.GetColumnName()}"));
        Assert.Empty(new[]
        {
            "account.password_hash", "account.security_stamp", "account.totp_secret", "account.totp_pending", "account_token.value", "client.client_secret", "mailed_token.token_hash",
            "recovery_code.code_hash", "token.payload", "token.reference_id", "outbox_message.data", "held_event.envelope", "dead_letter.envelope",
        }.Except(left));
    }

    private static IEnumerable<Type> All() => Directory.EnumerateFiles(AppContext.BaseDirectory, "Tarasol.*.dll")
        .Where(file => !Path.GetFileName(file).StartsWith("Tarasol.Tests", StringComparison.Ordinal))
        .Select(Assembly.LoadFrom).SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(DbContext)) && !type.IsAbstract).OrderBy(type => type.FullName, StringComparer.Ordinal);

    private static IModel ModelOf(string context)
    {
        var type = All().Single(each => each.FullName == context);
        var builder = (DbContextOptionsBuilder)Activator.CreateInstance(typeof(DbContextOptionsBuilder<>).MakeGenericType(type))!;
        using var db = (DbContext)Activator.CreateInstance(type, builder.UseSqlite("Data Source=:memory:").Options)!;
        return db.Model;
    }

    [GeneratedRegex("password|secret|token|totp|private_key")]
    private static partial Regex Secret();
}
