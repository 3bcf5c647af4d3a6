using System.Net.Http.Json;
using System.Text.Json;
using Tarasol.Tests.Integration.Correspondence;
using Tarasol.Tests.Integration.Mesh;

namespace Tarasol.Tests.Integration.Providers;

/// <summary>What the flows are made of: requests that must succeed.</summary>
internal static class Flow
{
    /// <summary>Sends it and gives the answer's JSON; of an empty answer nothing.</summary>
    public static async Task<JsonElement> DoAsync(this HttpClient client, string verb, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Parse(verb), path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await client.SendAsync(request);
        await TestMesh.EnsureAsync(answer);
        return answer.Content.Headers.ContentType?.MediaType == "application/json" ? await answer.JsonAsync() : default;
    }

    /// <summary>The same for what makes something; its id.</summary>
    public static async Task<Guid> MakeAsync(this HttpClient client, string path, object body) => (await client.DoAsync("POST", path, body)).GetProperty("id").GetGuid();

    public static Task<JsonElement> ReadAsync(this HttpClient client, string path) => client.DoAsync("GET", path);

    /// <summary>The first page of a list.</summary>
    public static async Task<List<JsonElement>> ItemsAsync(this HttpClient client, string list) => [.. (await client.ReadAsync(list)).GetProperty("items").EnumerateArray()];

    /// <summary>All pages of a list, whose address has a query.</summary>
    public static async Task<List<JsonElement>> PagesAsync(this HttpClient client, string list)
    {
        var items = new List<JsonElement>();
        for (string? next = ""; next is not null;)
        {
            var page = await client.ReadAsync($"{list}&cursor={next}");
            items.AddRange(page.GetProperty("items").EnumerateArray());
            next = page.Text("next");
        }
        return items;
    }

    public static IEnumerable<Guid> Ids(this IEnumerable<JsonElement> items) => items.Select(item => item.GetProperty("id").GetGuid());
}
