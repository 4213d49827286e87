using System.Diagnostics;

namespace Footfall.Testing;

/// <summary>Waits for a condition outside of xunit's tests.</summary>
public static class Patience
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>False when the condition did not come to hold within the time.</summary>
    public static async Task<bool> UntilAsync(TimeSpan within, Func<Task<bool>> condition, CancellationToken cancellationToken = default)
    {
        for (var start = Stopwatch.GetTimestamp(); !await condition(); await Task.Delay(Look, TimeProvider.System, cancellationToken))
        {
            if (Stopwatch.GetElapsedTime(start) > within)
            {
                return false;
            }
        }

        return true;
    }

    public static Task<bool> UntilAsync(TimeSpan within, Func<bool> condition, CancellationToken cancellationToken = default) =>
        UntilAsync(within, () => Task.FromResult(condition()), cancellationToken);
}
