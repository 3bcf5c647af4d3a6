using System.Text.Json;
using Tarasol.Correspondence.Letters;

namespace Tarasol.Tests.Unit.Correspondence;

public sealed class RecipientNameTests
{
    [Theory]
    [InlineData("""["المدير"]""")]
    [InlineData("""[{"name":"المدير"}]""")]
    public void A_recipient_is_a_name_or_an_object_with_the_name(string json) =>
        Assert.Equal([new RecipientName("المدير")], JsonSerializer.Deserialize<List<RecipientName>>(json)!);

    [Theory]
    [InlineData("[5]")]
    [InlineData("[{}]")]
    [InlineData("""[{"title":"x"}]""")]
    [InlineData("""[{"name":null}]""")]
    [InlineData("""[{"name":"x","title":"y"}]""")]
    [InlineData("""[["x"]]""")]
    public void Anything_else_is_refused(string json) => Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<List<RecipientName>>(json));

    [Fact]
    public void It_is_written_as_the_name() => Assert.Equal("""["x"]""", JsonSerializer.Serialize(new[] { new RecipientName("x") }));
}
