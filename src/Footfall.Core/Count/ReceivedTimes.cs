using System.Runtime.InteropServices;

namespace Footfall.Count;

/// <summary>
/// When interactions were taken, and how many at each moment. While commits fail, these wait: beyond so many moments they
/// are told less exactly, and none is forgotten.
/// </summary>
public sealed class ReceivedTimes
{
    /// <summary>A minute of every millisecond; a MiB and a half.</summary>
    public const int MaxMoments = 60_000;

    private Dictionary<long, int> _counts = [];
    private long _width = 1; // of a moment, milliseconds

    /// <summary>The moments, Unix milliseconds, each with its interactions.</summary>
    public IEnumerable<KeyValuePair<long, int>> Moments => _counts.Select(moment => KeyValuePair.Create(moment.Key * _width, moment.Value));

    /// <summary>Takes in one that was taken then.</summary>
    /// <param name="received">Unix milliseconds.</param>
    public void Add(long received)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, received / _width, out _)++;
        while (_counts.Count > MaxMoments)
        {
            Widen();
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _counts.Clear();
        _width = 1;
    }

    private void Widen()
    {
        const int By = 2;
        var wider = new Dictionary<long, int>();
        foreach (var (moment, count) in _counts)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(wider, moment / By, out _) += count;
        }

        (_counts, _width) = (wider, _width * By);
    }
}
