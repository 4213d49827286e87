namespace Footfall.Count;

/// <summary>Where each of the log's last seconds begins: from where a window over time can be rebuilt.</summary>
public sealed class FirstPositions
{
    /// <summary>
    /// As far back as anything asks: to the first record of a view that is not over, and as long again before it; and of a
    /// funnel to three windows of the clock before this one.
    /// </summary>
    public const int Seconds = 4 * ViewMeter.Seconds;

    private readonly long[] _positions = new long[Seconds];
    private readonly uint[] _seconds = new uint[Seconds];
    private readonly (long Position, uint Second)[] _windows = new (long, uint)[Seconds];

    /// <summary>Takes the next record in.</summary>
    /// <param name="second">The log's time, never less than at the call before.</param>
    /// <param name="position">The record's.</param>
    /// <param name="window">Of the duplicate window that it is in, the oldest record's position, and the log's time there.</param>
    public void Add(uint second, long position, (long Position, uint Second) window = default)
    {
        var place = second % Seconds;
        if (_seconds[place] != second)
        {
            (_seconds[place], _positions[place], _windows[place]) = (second, position, window);
        }
    }

    /// <summary>The first record after a second, its own second, and the window that it was in; null when there is none.</summary>
    /// <param name="second">Not more than <see cref="Seconds"/> ago.</param>
    public (long Position, uint Second, (long Position, uint Second) Window)? After(long second)
    {
        (long Position, uint Second, (long, uint))? first = null;
        for (var i = 0; i < Seconds; i++)
        {
            if (_seconds[i] > second && _seconds[i] != 0 && (first is null || _positions[i] < first.Value.Position))
            {
                first = (_positions[i], _seconds[i], _windows[i]);
            }
        }

        return first;
    }
}
