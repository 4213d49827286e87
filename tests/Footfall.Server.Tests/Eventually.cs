using System.Diagnostics;

namespace Footfall.Server.Tests;

/// <summary>Waits for a condition, so that no test guesses how long something takes.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // far above any real wait: machines of CI are slow
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    public static Task HoldsAsync(string what, Func<bool> condition) => HoldsAsync(what, () => Task.FromResult(condition()));

    public static async Task HoldsAsync(string what, Func<Task<bool>> condition)
    {
        for (var start = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(Look, TimeProvider.System))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"In {Patience.TotalSeconds} s it did not become so that {what}.");
        }
    }
}
