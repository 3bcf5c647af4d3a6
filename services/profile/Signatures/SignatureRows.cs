using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Tarasol.Profiles.Data;
using Tarasol.Tenancy.Exports;

namespace Tarasol.Profiles.Signatures;

/// <summary>The images that the profiles of a tenant name, for its archive. One that is not in the store any more is told as null, so that nobody takes the archive for one with all of them.</summary>
internal sealed class SignatureRows(ProfileDbContext db, SignatureImages images) : IExportRows
{
    public string Table => "signature_image";

    public async IAsyncEnumerable<IReadOnlyDictionary<string, object?>> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var named = db.Profiles.AsNoTracking().Where(profile => profile.SignatureHash != null).OrderBy(profile => profile.UserName).Select(profile => new { profile.UserName, profile.SignatureHash });
        await foreach (var profile in named.AsAsyncEnumerable().WithCancellation(cancel))
        {
            var png = await images.FindAsync(profile.UserName, profile.SignatureHash!, cancel);
            yield return new Dictionary<string, object?> { ["user_name"] = profile.UserName, ["sha256"] = profile.SignatureHash, ["png"] = png };
        }
    }
}
