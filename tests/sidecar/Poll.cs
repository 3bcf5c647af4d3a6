namespace Tarasol.Tests.Sidecar;

/// <summary>Waiting for something that must come true.</summary>
internal static class Poll
{
    public static Task UntilAsync(Func<bool> done, int seconds = 60, Func<string>? otherwise = null, int everyMilliseconds = 10) =>
        UntilAsync(() => Task.FromResult(done()), seconds, otherwise, everyMilliseconds);

    public static async Task UntilAsync(Func<Task<bool>> done, int seconds = 60, Func<string>? otherwise = null, int everyMilliseconds = 10)
    {
        var end = DateTime.UtcNow.AddSeconds(seconds);
        while (!await done())
        {
            Assert.True(DateTime.UtcNow < end, otherwise?.Invoke() ?? $"not within {seconds} s");
            await Task.Delay(everyMilliseconds);
        }
    }
}
