namespace Footfall.Log.Kafka;

/// <summary>
/// Which partitions the instance owns, which of them are read, and what a caller has yet to be told. Pure; used by the
/// consumer's thread only.
/// </summary>
internal sealed class Partitions
{
    private readonly Dictionary<int, long?> _owned = [];  // the next position to hand out; null until Seek
    private readonly List<int> _assigned = [];
    private readonly List<int> _revoked = [];

    public bool HasEvents => _assigned.Count > 0 || _revoked.Count > 0;

    public IReadOnlyCollection<int> Owned => _owned.Keys;

    public bool Owns(int partition) => _owned.ContainsKey(partition);

    public void Assign(IEnumerable<int> partitions)
    {
        foreach (var partition in partitions)
        {
            _owned[partition] = null;
            _assigned.Add(partition);
        }
    }

    public void Revoke(IEnumerable<int> partitions)
    {
        foreach (var partition in partitions)
        {
            _owned.Remove(partition);
            // Told in the order revoked, assigned: an assignment that nobody heard of is simply taken back.
            if (!_assigned.Remove(partition))
            {
                _revoked.Add(partition);
            }
        }
    }

    public bool Seek(int partition, long position)
    {
        if (!Owns(partition))
        {
            return false;
        }

        _owned[partition] = position;
        return true;
    }

    /// <summary>Nothing of these is handed out until they are sought again.</summary>
    public void Hold(int partition)
    {
        if (Owns(partition))
        {
            _owned[partition] = null;
        }
    }

    /// <summary>False for what was fetched before a seek or after a loss.</summary>
    public bool Accept(int partition, long position)
    {
        if (!_owned.TryGetValue(partition, out var next) || next is null || position < next)
        {
            return false;
        }

        _owned[partition] = position + 1;
        return true;
    }

    /// <summary>The position that should have come, when this one is beyond it.</summary>
    public long? Skips(int partition, long position) =>
        _owned.TryGetValue(partition, out var next) && next < position ? next : null;

    public (IReadOnlyList<int> Revoked, IReadOnlyList<int> Assigned) TakeEvents()
    {
        if (!HasEvents)
        {
            return ([], []);
        }

        int[] revoked = [.. _revoked];
        int[] assigned = [.. _assigned];
        _revoked.Clear();
        _assigned.Clear();
        return (revoked, assigned);
    }
}
