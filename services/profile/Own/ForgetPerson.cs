using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Identity;
using Tarasol.Messaging;
using Tarasol.Profiles.Data;
using Tarasol.Profiles.Signatures;

namespace Tarasol.Profiles.Own;

/// <summary>A person whose account is removed leaves no profile and no signature image behind.</summary>
public sealed class ForgetPerson(ProfileDbContext db, SignatureImages images) : IEventHandler<UserRemoved>
{
    public async Task HandleAsync(UserRemoved removed, EventEnvelope envelope, CancellationToken cancel)
    {
        if (await db.Profiles.FirstOrDefaultAsync(row => row.UserName == removed.UserName, cancel) is not { } profile)
            return;
        if (profile.SignatureHash is { } hash)
            await images.DeleteAsync(profile.UserName, hash, cancel);
        db.Remove(profile);
    }
}
