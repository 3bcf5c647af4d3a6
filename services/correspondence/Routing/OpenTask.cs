using System.Security.Cryptography;
using Dapr.Workflow;
using Microsoft.EntityFrameworkCore;
using Tarasol.Correspondence.Calls;
using Tarasol.Correspondence.Data;
using Tarasol.ServiceDefaults.Requests;
using Tarasol.Tenancy;

namespace Tarasol.Correspondence.Routing;

/// <summary>Activity: opens the work item of a step. The item's id follows from the step, so that a repeat opens nothing more.</summary>
public sealed class OpenTask(TenantScopes tenants) : WorkflowActivity<OpenTask.Input, object?>
{
    public sealed record Input(string Tenant, Guid RoutingId, int Step, DateTimeOffset DueAt);

    public override Task<object?> RunAsync(WorkflowActivityContext context, Input input) => tenants.RunAsync<object?>(input.Tenant, async services =>
    {
        var db = services.GetRequiredService<CorrespondenceDbContext>();
        var routing = await db.Routings.AsNoTracking().Include(row => row.Steps).FirstAsync(row => row.Id == input.RoutingId);
        var step = routing.Steps.Single(each => each.Number == input.Step);
        var letter = await db.Letters.AsNoTracking().FirstAsync(row => row.Id == routing.LetterId);
        await services.GetRequiredService<WorkItems>().OpenAsync(
            new(TaskId(routing.Id, step.Number), WireEnum.Name(step.Kind), routing.LetterId, routing.Id, step.Number, step.Assignee, letter.Subject, input.DueAt)
            {
                Confidentiality = (int)letter.Confidentiality,
                Urgency = WireEnum.Name(letter.Urgency),
                LetterUnitId = letter.OwnerUnitId,
                LetterUnitCode = letter.OwnerUnitCode,
                LetterType = letter.LetterType,
                AskedBy = routing.RoutedBy,
            },
            CancellationToken.None);
        // Interrupted at this very moment: whoever cleared up may have come too early for this item.
        if (await db.Routings.AnyAsync(row => row.Id == routing.Id && (row.State == RoutingState.Interrupting || row.State == RoutingState.Interrupted)))
            await services.GetRequiredService<WorkItems>().CancelAsync(TaskId(routing.Id, step.Number), CancellationToken.None);
        return null;
    }, CancellationToken.None);

    /// <summary>A name-based UUID (version 8, RFC 9562) of the step.</summary>
    public static Guid TaskId(Guid routingId, int step)
    {
        Span<byte> name = stackalloc byte[20];
        routingId.TryWriteBytes(name, bigEndian: true, out _);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(name[16..], step);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(name, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new(hash[..16], bigEndian: true);
    }
}
