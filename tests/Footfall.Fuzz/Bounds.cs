using System.Diagnostics;
using System.Globalization;

namespace Footfall.Fuzz;

/// <summary>What an input may cost: so much for each of its bytes, for each event in it, and for itself.</summary>
internal readonly record struct Bounds(int BytesAByte, int BytesAnEvent, int BytesAlways, TimeSpan AByte, TimeSpan AnEvent, TimeSpan Always)
{
    /// <summary>A pool's first array, a compilation, a collection or another thread's turn does not come again and again.</summary>
    private const int Tries = 5;

    /// <summary>Does it, again where it costs more than it may, and judges by the cheapest.</summary>
    public void Check(Action work, int length, int events)
    {
        var mayAllocate = BytesAlways + ((long)BytesAByte * length) + ((long)BytesAnEvent * events);
        var mayTake = Always + (AByte * length) + (AnEvent * events);
        var (allocated, took) = (long.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < Tries && (allocated > mayAllocate || took > mayTake); i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            work();
            took = Least(took, Stopwatch.GetElapsedTime(start));
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        BrokenPromise.Unless(allocated <= mayAllocate, Tell("allocates more than it may", allocated, mayAllocate, "bytes"));
        BrokenPromise.Unless(took <= mayTake, Tell("takes longer than it may", took.TotalMilliseconds, mayTake.TotalMilliseconds, "ms"));

        string Tell(string what, double did, double may, string unit) =>
            string.Create(CultureInfo.InvariantCulture, $"{what}: {did:0} {unit} for {length} bytes and {events} events, at most {may:0}");
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
