using Dapr.Actors;
using Tarasol.Numbering.Numbers;

namespace Tarasol.Tests.Unit.Numbering;

public class SeriesActorIdTests
{
    [Fact]
    public void An_id_carries_tenant_and_series()
    {
        var id = new SeriesActorId("acme-1", "incoming-fin").ToActorId();
        Assert.Equal("acme-1.incoming-fin", id.GetId());
        Assert.Equal(new SeriesActorId("acme-1", "incoming-fin"), SeriesActorId.Parse(id));
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("acme.")]
    [InlineData(".incoming")]
    [InlineData("acme.incoming.extra")]
    [InlineData("Acme.incoming")]
    [InlineData("acme.in coming")]
    [InlineData("acme.incoming\n")]
    [InlineData("-acme.incoming")]
    [InlineData("acme.incoming-")]
    [InlineData("../acme.incoming")]
    [InlineData("acme||x.incoming")]
    [InlineData("àcme.incoming")]
    public void Anything_else_is_refused(string id) => Assert.Throws<FormatException>(() => SeriesActorId.Parse(new ActorId(id)));

    [Fact]
    public void A_part_with_a_dot_cannot_become_an_id() => Assert.Throws<FormatException>(() => new SeriesActorId("acme.other", "incoming").ToActorId());
}
