using Tarasol.ServiceDefaults.Auth;

namespace Tarasol.Numbering.Blocks;

public static class BlocksEndpoints
{
    public static void MapBlocks(this IEndpointRouteBuilder routes)
    {
        var blocks = routes.MapGroup("/api/numbering/blocks").WithTags("blocks").RequirePermission(Permissions.UseBlocks);
        blocks.MapPost("", ReserveBlock.HandleAsync);
        blocks.MapGet("", ListBlocks.HandleAsync);
        blocks.MapPost("{id:guid}/take", TakeNumber.HandleAsync);
        blocks.MapPost("{id:guid}/release", ReleaseBlock.HandleAsync);
    }
}
