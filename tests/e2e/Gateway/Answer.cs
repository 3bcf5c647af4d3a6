using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Tarasol.Tests.E2e.Gateway;

/// <summary>What the gateway answered, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, HttpResponseHeaders Headers, MediaTypeHeaderValue? ContentType, string Text)
{
    /// <summary>The body; throws when it is not JSON.</summary>
    public JsonElement Json => JsonElement.Parse(Text);

    public IReadOnlyList<JsonElement> Items => [.. Json.GetProperty("items").EnumerateArray()];

    public static async Task<Answer> ReadAsync(HttpClient http, HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await http.SendAsync(request);
            return new(response.StatusCode, response.Headers, response.Content.Headers.ContentType, await response.Content.ReadAsStringAsync());
        }
    }

    /// <summary>Fails, with the whole answer, unless the status is this one.</summary>
    public Answer Is(HttpStatusCode expected)
    {
        Assert.True(Status == expected, $"expected {(int)expected}, got {(int)Status}: {Text}");
        return this;
    }

    /// <summary>Fails unless these are complete problem details with this status and code.</summary>
    public JsonElement IsProblem(HttpStatusCode expected, string code)
    {
        Is(expected);
        Assert.Equal("application/problem+json", ContentType?.MediaType);
        var problem = Json;
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Equal($"urn:tarasol:problem:{code}", problem.GetProperty("type").GetString());
        Assert.Equal((int)expected, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("title").GetString()));
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("traceId").GetString());
        return problem;
    }
}
