using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Tarasol.Identity.Data;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.Tenancy;

namespace Tarasol.Identity.Users;

/// <summary>How many accounts the tenant may have; the catalogue says it. The first administrator is made whatever it says.</summary>
internal sealed class UserLimit(AccountsDbContext db, CurrentTenant tenant)
{
    public static readonly Problem Reached = new("limit-reached", 409, new(
        "This organisation may have {0} users at most; it has that many.", "الحد الأقصى لعدد مستخدمي هذه الجهة {0}، وقد بلغته."));

    /// <summary>
    /// Begins a transaction in which there is room for one more and nobody else adds one; the caller commits it. Null: there is no limit. Throws 409 when there is no room.
    /// </summary>
    public async Task<IDbContextTransaction?> ReserveAsync(CancellationToken cancel)
    {
        if (tenant.Entry.Limits?.Users is not { } most)
            return null;
        var transaction = await db.Database.BeginTransactionAsync(cancel);
        try
        {
            // Whoever comes second waits for these rows, and counts the first one's account.
            await db.Roles.ExecuteUpdateAsync(set => set.SetProperty(role => role.NameEn, role => role.NameEn), cancel);
            return await db.Users.CountAsync(cancel) < most ? transaction : throw Reached.Exception(most);
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }
    }
}
