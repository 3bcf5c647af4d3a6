using Microsoft.EntityFrameworkCore;
using Tarasol.Contracts.Numbering;
using Tarasol.Messaging;
using Tarasol.Numbering.Catalogue;
using Tarasol.Numbering.Data;
using Tarasol.Numbering.Masks;
using Tarasol.Numbering.Register;
using Tarasol.ServiceDefaults.Auth;
using Tarasol.Tenancy;

namespace Tarasol.Numbering.Numbers;

/// <summary>
/// Gives the next number of a series in one transaction with its entry in the register and its event. Right even where two do it at once: the second waits for the end of the
/// register, or the unique keys refuse it and it tries again.
/// </summary>
internal sealed class Allocator(TenantScopes tenants, ServiceIdentity self, ILogger<Allocator> log)
{
    private const int MostAttempts = 10;

    public async Task<AllocationAnswer> AllocateAsync(string tenant, string series, AllocationRequest request, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await tenants.RunAsync(tenant, services => AllocateOnceAsync(services, series, request, cancel), cancel);
            }
            catch (DbUpdateException collision) when (attempt < MostAttempts)
            {
                log.LogInformation("Series {Series} of tenant {Tenant} moved on meanwhile, attempt {Attempt}: {Reason}", series, tenant, attempt, collision.InnerException?.Message);
            }
        }
    }

    private async Task<AllocationAnswer> AllocateOnceAsync(IServiceProvider services, string key, AllocationRequest request, CancellationToken cancel)
    {
        var db = services.GetRequiredService<NumberingDbContext>();
        var chain = services.GetRequiredService<RegisterChain>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        if (await db.Allocations.AsNoTracking().FirstOrDefaultAsync(given => given.LetterId == request.LetterId, cancel) is { } before)
            return new(before.ReferenceNumber, before.Series, before.Period, before.Sequence);

        var register = await chain.OpenAsync(key, cancel) ?? throw new InvalidOperationException($"There is no series {key}.");
        var series = register.Series;
        var period = NumberMask.YearOf(request.Date, series.Reset);
        if (series.ClosedAt is not null)
            return new("", key, period, 0, Closed: true);
        var sequence = await chain.LastAsync(register, period, cancel) + 1;
        var mask = await MasksOfSeries.InForceAsync(db, series, period, cancel);
        var allocation = new Allocation
        {
            LetterId = request.LetterId,
            Series = key,
            Period = period,
            Sequence = sequence,
            ReferenceNumber = mask.Format(request.UnitCode, series.Direction, request.Date, sequence, series.LetterType),
            AllocatedAt = chain.Now,
        };
        var taken = await db.Allocations.AsNoTracking().FirstOrDefaultAsync(given => given.ReferenceNumber == allocation.ReferenceNumber, cancel);
        if (taken is not null)
            return new(allocation.ReferenceNumber, key, period, sequence, taken.Series);

        db.Add(allocation);
        chain.Append(register, new()
        {
            Series = key,
            Kind = EntryKind.Allocated,
            Period = period,
            First = sequence,
            Last = sequence,
            ReferenceNumber = allocation.ReferenceNumber,
            LetterId = allocation.LetterId,
            Unit = request.UnitCode,
            Day = RegisterChain.Day(request.Date),
            Actor = request.Actor ?? self.AppId,
            At = allocation.AllocatedAt,
        });
        services.GetRequiredService<IOutbox>().Add(new NumberAllocated(
            allocation.LetterId, key, period, allocation.Sequence, allocation.ReferenceNumber, allocation.AllocatedAt));
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new(allocation.ReferenceNumber, key, period, allocation.Sequence);
    }
}
