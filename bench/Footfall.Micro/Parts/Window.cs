using Footfall.Count;

namespace Footfall.Micro.Parts;

/// <summary>Count: asks the duplicate window, a million ids wide and full, for ids that it has not had.</summary>
internal sealed class Window : Part
{
    public const int Ids = 100_000;

    private const int Width = 1_000_000;
    private const uint Second = 1_795_478_400;

    private readonly DuplicateWindow _window = new(Width, 24 * 60 * 60);
    private ulong _next;

    public Window()
    {
        for (var i = 0; i < Width / Ids; i++)
        {
            Add();
        }
    }

    public override string Name => "add an id to the duplicate window";

    public override int Operations => Ids;

    public override ValueTask RunAsync()
    {
        Add();
        return ValueTask.CompletedTask;
    }

    private void Add()
    {
        for (var i = 0; i < Ids; i++)
        {
            // Spread as hashes are (splitmix64's multipliers), and never the same again.
            var low = ++_next * 0x9E3779B97F4A7C15;
            if (_window.Add(new UInt128((low ^ (low >> 31)) * 0xBF58476D1CE4E5B9, low), Second))
            {
                throw new InvalidOperationException("A new id is a repeat.");
            }
        }
    }
}
