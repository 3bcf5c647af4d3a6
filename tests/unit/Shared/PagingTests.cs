using Microsoft.AspNetCore.Http;
using Tarasol.ServiceDefaults.Problems;
using Tarasol.ServiceDefaults.Requests;

namespace Tarasol.Tests.Unit.Shared;

public class PagingTests
{
    [Fact]
    public async Task The_first_page_starts_at_the_beginning_with_50() => Assert.Equal(new Paging(null, 50), await BindAsync(""));

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    public async Task A_limit_within_its_bounds_is_taken(int limit) => Assert.Equal(limit, (await BindAsync($"?limit={limit}")).Limit);

    [Theory]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=201", "limit")]
    [InlineData("?limit=-1", "limit")]
    [InlineData("?limit=ten", "limit")]
    [InlineData("?limit=1.5", "limit")]
    [InlineData("?cursor=x", "cursor")]
    [InlineData("?cursor=!!!!!!!!!!!!!!!!!!!!!!", "cursor")]
    [InlineData("?cursor=01890000-0000-7000-8000-000000000001", "cursor")]
    public async Task Anything_else_is_refused_by_name(string query, string field)
    {
        var problem = (await Assert.ThrowsAsync<ProblemException>(async () => await BindAsync(query))).Details;
        Assert.Equal([field], ((Dictionary<string, string[]>)problem.Extensions["errors"]!).Keys);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repetition()
    {
        var ids = Enumerable.Range(0, 7).Select(each => Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(each))).ToList();
        var (seen, query) = (new List<Guid>(), "?limit=3");
        for (var pages = 0; pages < 3; pages++)
        {
            var paging = await BindAsync(query);
            var page = paging.Page([.. ids.Where(id => paging.After is null || id > paging.After).Take(paging.Limit + 1)], id => id, id => id);
            seen.AddRange(page.Items);
            query = $"?limit=3&cursor={page.Next}";
            Assert.Equal(pages == 2, page.Next is null);
        }
        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task A_page_that_just_fits_is_the_last_one()
    {
        var page = (await BindAsync("?limit=2")).Page([Guid.CreateVersion7(), Guid.CreateVersion7()], id => id, id => id);
        Assert.Equal((2, null), (page.Items.Count, page.Next));
    }

    private static ValueTask<Paging> BindAsync(string query)
    {
        var context = new DefaultHttpContext();
        context.Request.QueryString = new QueryString(query);
        return Paging.BindAsync(context);
    }
}
