using System.Diagnostics;
using System.Text;

namespace Footfall.Fuzz;

/// <summary>
/// One target's search: an input that has been somewhere new is kept and changed again. The same seed makes the same
/// inputs, one after another; how many is a matter of time.
/// </summary>
internal sealed class Fuzzer
{
    /// <summary>Then the target is broken, and the time is others'.</summary>
    private const int MostFound = 5;

    private readonly Target _target;
    private readonly Random _random;
    private readonly Mutator _mutator;
    private readonly Coverage? _coverage;
    private readonly List<byte[]> _kept;
    private readonly Dictionary<string, Found> _found = new(StringComparer.Ordinal);
    private int _seedsLeft;
    private long _inputs;
    private TimeSpan _spent;

    /// <param name="target">What is tried.</param>
    /// <param name="corpus">Each is tried as it is, first.</param>
    /// <param name="seed">Decides all inputs.</param>
    /// <param name="isGuided">Whether the target's code says which branches it takes.</param>
    public Fuzzer(Target target, IEnumerable<byte[]> corpus, int seed, bool isGuided)
    {
        _target = target;
        _kept = [.. corpus];
        _seedsLeft = _kept.Count;
        _random = new Random(Mix(seed, target.Name));
        _mutator = new Mutator(_random, target.LongestInput);
        _coverage = isGuided ? new Coverage() : null;
        if (_kept.Count == 0)
        {
            _kept.Add([]);
        }
    }

    public TargetResult Result => new(_target.Name, _inputs, _spent, _kept.Count, _coverage?.Places ?? 0, [.. _found.Values.Select(found => found.Tell())]);

    public IReadOnlyCollection<Found> Found => _found.Values;

    public bool GaveUp => _found.Count >= MostFound;

    /// <summary>Goes on for that long, or until enough is found.</summary>
    public void RunFor(TimeSpan time)
    {
        var start = Stopwatch.GetTimestamp();
        do
        {
            TryNext();
        }
        while (!GaveUp && Stopwatch.GetElapsedTime(start) < time);
        _spent += Stopwatch.GetElapsedTime(start);
    }

    /// <summary>That many inputs more, or until enough is found.</summary>
    public void RunFor(int inputs)
    {
        for (; inputs > 0 && !GaveUp; inputs--)
        {
            TryNext();
        }
    }

    private void TryNext()
    {
        var isSeed = _seedsLeft > 0;
        var input = isSeed ? _kept[^_seedsLeft--] : _mutator.Mutate(Pick(), Pick());
        _inputs++;
        if (_coverage is not null)
        {
            Coverage.Clear();
        }

        var error = Try(input);
        if (error is not null)
        {
            Keep(input, error);
        }
        else if (_coverage?.Learn() == true && !isSeed && input.Length <= Target.LongestKept)
        {
            _kept.Add(input);
        }
    }

    /// <summary>The newest often: what was found last is where nobody has looked yet.</summary>
    private byte[] Pick() => _random.Next(3) == 0
        ? _kept[_kept.Count - 1 - _random.Next(Math.Min(_kept.Count, 32))]
        : _kept[_random.Next(_kept.Count)];

    private Exception? Try(byte[] input)
    {
        try
        {
            _target.Check(input);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private void Keep(byte[] input, Exception error)
    {
        var kind = Fuzz.Found.KindOf(error);
        if (_found.ContainsKey(kind))
        {
            return;
        }

        var least = Shrinker.Shrink(input, smaller => Try(smaller) is { } same && Fuzz.Found.KindOf(same) == kind);
        _found.Add(kind, new Found(_target.Name, least, (Try(least) ?? error).ToString()));
    }

    /// <summary>Not <see cref="string.GetHashCode()"/>, which is another one in each process.</summary>
    private static int Mix(int seed, string name) => Encoding.UTF8.GetBytes(name).Aggregate(seed, (hash, b) => unchecked((hash * 31) + b));
}
