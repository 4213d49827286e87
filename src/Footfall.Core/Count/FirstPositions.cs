namespace Footfall.Count;

/// <summary>Where each of the log's last seconds begins: from where a window over time can be rebuilt.</summary>
public sealed class FirstPositions
{
    /// <summary>As far back as anything asks: to the first record of a view that is not over, and as long again before it.</summary>
    public const int Seconds = 2 * ViewMeter.Seconds;

    private readonly long[] _positions = new long[Seconds];
    private readonly uint[] _seconds = new uint[Seconds];

    /// <summary>Takes the next record in.</summary>
    /// <param name="second">The log's time, never less than at the call before.</param>
    /// <param name="position">The record's.</param>
    public void Add(uint second, long position)
    {
        var place = second % Seconds;
        if (_seconds[place] != second)
        {
            (_seconds[place], _positions[place]) = (second, position);
        }
    }

    /// <summary>The first record after a second, and its own; null when there is none.</summary>
    /// <param name="second">Not more than <see cref="Seconds"/> ago.</param>
    public (long Position, uint Second)? After(long second)
    {
        (long Position, uint Second)? first = null;
        for (var i = 0; i < Seconds; i++)
        {
            if (_seconds[i] > second && _seconds[i] != 0 && (first is null || _positions[i] < first.Value.Position))
            {
                first = (_positions[i], _seconds[i]);
            }
        }

        return first;
    }
}
