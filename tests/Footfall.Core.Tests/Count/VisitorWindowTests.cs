using CsCheck;

namespace Footfall.Count;

public sealed class VisitorWindowTests
{
    private static readonly Gen<(int Visitor, int Step)[]> Adds =
        Gen.Select(Gen.Int[0, 7], Gen.OneOf(0, 0, 1, 1, 30, 299, 1000, 1799, 1800, 1801, 5000)).Array[0, 50];

    private static readonly int[] Windows = [1, 60, 300, 1800];

    private static readonly string[] Apps = ["even", "odd", "none"];

    [Fact]
    public void Active_visitors_are_those_of_a_plain_list() =>
        Gen.Select(Adds, Gen.Int[1, 9], Gen.Int[-400, 4000]).Sample(
            (adds, maxVisitors, ahead) => AssertAsList(adds, maxVisitors, ahead, visitor => (ulong)visitor), iter: 500);

    [Fact]
    public void Many_visitors_whose_hashes_collide_are_those_of_a_plain_list() =>
        Gen.Select(Gen.Select(Gen.Int[1, 200], Gen.OneOf(0, 0, 0, 0, 0, 1, 30, 700)).Array[100, 400], Gen.Int[20, 150]).Sample(
            // All begin in one place of a small table, its last, and in four of a large one.
            (adds, maxVisitors) => AssertAsList(adds, maxVisitors, 0, visitor => ((ulong)visitor << 32) | (uint)((visitor % 4 * 64) - 1)), iter: 100);

    [Fact]
    public void Window_is_rebuilt_from_the_records_of_its_time() =>
        Gen.Select(Adds.Where(adds => adds.Length > 0), Gen.Int[0, 2000]).Sample((adds, ahead) =>
        {
            var original = new VisitorWindow(100);
            var firsts = new FirstPositions();
            var second = 1_000_000u;
            var seconds = new List<uint>();
            for (var position = 0; position < adds.Length; position++)
            {
                seconds.Add(second += (uint)adds[position].Step);
                original.Add(App(adds[position].Visitor), (ulong)adds[position].Visitor, second);
                firsts.Add(second, position);
            }

            var (from, fromSecond, _) = firsts.After(second - VisitorWindow.Seconds)!.Value;
            Assert.Equal(seconds[(int)from], fromSecond);
            Assert.True(from == 0 || seconds[(int)from - 1] + VisitorWindow.Seconds <= second);
            var rebuilt = new VisitorWindow(100);
            for (var position = (int)from; position < adds.Length; position++)
            {
                rebuilt.Add(App(adds[position].Visitor), (ulong)adds[position].Visitor, seconds[position]);
            }

            foreach (var app in Apps)
            {
                Assert.Equal(original.Active(app, 1800, second + (uint)ahead), rebuilt.Active(app, 1800, second + (uint)ahead));
                Assert.Equal(original.Active(app, 60, second + (uint)ahead), rebuilt.Active(app, 60, second + (uint)ahead));
            }
        }, iter: 5_000);

    [Fact]
    public void Visitor_is_active_until_the_window_is_over()
    {
        var window = new VisitorWindow(10);
        window.Add("shop", 1, 1000);
        window.Add("shop", 1, 1010);
        Assert.Equal(1, window.Active("shop", 60, 1069));
        Assert.Equal(0, window.Active("shop", 60, 1070));
        Assert.Equal(1, window.Active("shop", 300, 1309));
        Assert.Equal(1, window.Active("shop", 1800, 2809));
        Assert.Equal(0, window.Active("shop", 1800, 2810));
    }

    [Fact]
    public void Collectors_clock_far_ahead_neither_hides_a_visitor_nor_takes_time()
    {
        var window = new VisitorWindow(10);
        window.Add("shop", 1, uint.MaxValue);
        for (var i = 0; i < 1_000; i++)
        {
            Assert.Equal(1, window.Active("shop", 60, 1000));
        }
    }

    private static void AssertAsList((int Visitor, int Step)[] adds, int maxVisitors, int ahead, Func<int, ulong> hash)
    {
        var window = new VisitorWindow(maxVisitors);
        var model = new Model(maxVisitors);
        var second = 1_000_000u;
        foreach (var (visitor, step) in adds)
        {
            second += (uint)step;
            window.Add(App(visitor), hash(visitor), second);
            model.Add(visitor, second);
            var now = (uint)(second + ahead);
            foreach (var seconds in Windows)
            {
                foreach (var app in Apps)
                {
                    Assert.Equal(model.Active(app, seconds, now), window.Active(app, seconds, now));
                }
            }

            Assert.Equal(model.Forgotten, window.Forgotten);
        }
    }

    private static string App(int visitor) => visitor % 2 == 0 ? "even" : "odd";

    private sealed class Model(int maxVisitors)
    {
        private readonly List<(int Visitor, uint Second)> _seen = []; // longest ago first

        public long Forgotten { get; private set; }

        public void Add(int visitor, uint second)
        {
            _seen.RemoveAll(seen => seen.Second + VisitorWindow.Seconds <= second);
            if (visitor == 0 || _seen.Contains((visitor, second)))
            {
                return;
            }

            if (_seen.RemoveAll(seen => seen.Visitor == visitor) == 0)
            {
                if (_seen.Count == maxVisitors && _seen[0].Second is var oldest && oldest < second)
                {
                    Forgotten += _seen.RemoveAll(seen => seen.Second == oldest);
                }

                if (_seen.Count == maxVisitors)
                {
                    Forgotten++;
                    return;
                }
            }

            _seen.Add((visitor, second));
        }

        public int Active(string app, int seconds, uint now) =>
            _seen.Count(seen => App(seen.Visitor) == app && seen.Second + (long)seconds > now);
    }
}
