using CsCheck;

namespace Footfall.Count;

public sealed class DuplicateWindowTests
{
    /// <summary>Few identities, many of them with the same home in the index.</summary>
    private static readonly Gen<(UInt128 Hash, int Step)[]> Adds =
        Gen.Select(Gen.Int[0, 9], Gen.OneOf(0, 0, 0, 1, 1, 2, 5)).Select((id, step) => (new UInt128((ulong)id, (ulong)id % 3), step)).Array[0, 80];

    [Fact]
    public void Answers_are_those_of_a_plain_list() =>
        Gen.Select(Adds, Gen.Int[1, 9], Gen.Int[0, 6]).Sample((adds, maxCount, seconds) =>
        {
            var window = new DuplicateWindow(maxCount, seconds);
            var model = new Model(maxCount, seconds);
            var second = 100u;
            foreach (var (hash, step) in adds)
            {
                second += (uint)step;
                Assert.Equal(model.Add(hash, second), window.Add(hash, second));
                Assert.Equal(model.Held.Count, window.Count);
                Assert.Equal(model.Horizon, window.Horizon);
                Assert.Equal(model.Held[0].Second, window.OldestSecond);
            }
        }, iter: 20_000);

    /// <summary>Of three homes, so that most stand farther from theirs than an entry of the index can tell.</summary>
    [Fact]
    public void Answers_are_those_of_a_plain_list_where_all_crowd() =>
        Gen.Select(Gen.Int[1, 150].Array[150, 600], Gen.Int[90, 120]).Sample((ids, maxCount) =>
        {
            var window = new DuplicateWindow(maxCount, 10);
            var model = new Model(maxCount, 10);
            foreach (var id in ids)
            {
                var hash = new UInt128((ulong)id * 0x9E3779B97F4A7C15, (ulong)id % 3);
                Assert.Equal(model.Add(hash, 100), window.Add(hash, 100));
                Assert.Equal(model.Held.Count, window.Count);
            }
        }, iter: 500);

    [Fact]
    public void Answers_are_those_of_a_plain_list_while_it_grows()
    {
        var window = new DuplicateWindow(5_000, 100);
        var held = new Queue<ulong>();
        var random = new Random(1);
        for (var i = 0u; i < 20_000; i++)
        {
            var id = (ulong)random.Next(1, 12_000);
            if (held.Count == 5_000)
            {
                held.Dequeue();
            }

            if (i % 16 == 0)
            {
                Assert.Equal(held.Contains(id), window.Add(id, 1));
            }
            else
            {
                window.Add(id, 1);
            }

            held.Enqueue(id);
            Assert.Equal(held.Count, window.Count);
        }
    }

    [Fact]
    public void Window_is_rebuilt_from_as_many_records_back_as_it_holds() =>
        Gen.Select(Adds, Adds, Gen.Int[1, 9], Gen.Int[0, 6], Gen.Int[0, 5]).Sample((adds, later, maxCount, seconds, more) =>
        {
            var original = new DuplicateWindow(maxCount, seconds);
            var second = 100u;
            var fed = new List<(UInt128 Hash, uint Second)>();
            foreach (var (hash, step) in adds)
            {
                fed.Add((hash, second += (uint)step));
                original.Add(hash, second);
            }

            var rebuilt = new DuplicateWindow(maxCount, seconds) { Horizon = original.Horizon };
            foreach (var (hash, at) in fed.Skip(Math.Max(0, fed.Count - original.Count - more)))
            {
                rebuilt.Add(hash, at);
            }

            foreach (var (hash, step) in later)
            {
                second += (uint)step;
                Assert.Equal(original.Add(hash, second), rebuilt.Add(hash, second));
                Assert.Equal(original.Count, rebuilt.Count);
                Assert.Equal(original.Horizon, rebuilt.Horizon);
            }
        }, iter: 20_000);

    /// <summary>Grown and shrunk many times, with more segments than one.</summary>
    [Fact]
    public void Answers_are_those_of_a_plain_list_while_it_grows_and_shrinks()
    {
        var window = new DuplicateWindow(60_000, 100, expected: 10_000);
        var held = new Queue<(ulong Id, uint Second)>();
        var ids = new Dictionary<ulong, int>();
        var random = new Random(1);
        var second = 1_000u;
        for (var i = 0; i < 200_000; i++)
        {
            // Silences now and then, after which little or nothing is left.
            second += random.Next(50_000) == 0 ? 101u : random.Next(1_000) == 0 ? 3u : 0;
            while (held.Count > 0 && (held.Peek().Second + 100 < second || held.Count == 60_000))
            {
                var (left, _) = held.Dequeue();
                ids[left]--;
            }

            var id = (ulong)random.Next(1, 100_000);
            Assert.Equal(ids.GetValueOrDefault(id) > 0, window.Add(new UInt128(id * 0x9E3779B97F4A7C15, id % 30_000), second));
            ids[id] = ids.GetValueOrDefault(id) + 1;
            held.Enqueue((id, second));
            Assert.Equal(held.Count, window.Count);
            Assert.Equal(held.Peek().Second, window.OldestSecond);
        }
    }

    [Fact]
    public void An_identity_takes_at_most_40_bytes_whatever_their_number()
    {
        const int Most = 600_000;
        var window = new DuplicateWindow(Most, 1_000);
        var second = 1u;
        for (var i = 1ul; i <= 2 * Most; i++)
        {
            window.Add(new UInt128(i, i * 0x9E3779B97F4A7C15), second += i % 600 == 0 ? 1u : 0);
            Check(i);
        }

        // And as it empties: less and less comes within the window's time.
        for (var i = 1ul; window.Count > 50_000; i++)
        {
            window.Add(new UInt128(i, i), second += i % 10 == 0 ? 1u : 0);
            Check(i);
        }

        void Check(ulong i) => Assert.True(
            i % 100 != 0 || window.Count < 100_000 || window.Bytes <= 40L * window.Count, $"{window.Bytes} bytes for {window.Count}");
    }

    [Theory]
    [InlineData(700_000)]
    [InlineData(1_100_000)]
    [InlineData(4_000_000)]
    public void A_window_that_is_rebuilt_takes_at_most_40_bytes_an_identity_(int ids)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var window = new DuplicateWindow(ids, 86_400, expected: ids);
        for (var i = 1ul; i <= (ulong)ids; i++)
        {
            window.Add(new UInt128(i, i * 0x9E3779B97F4A7C15), 1);
        }

        // Of all that was allocated on the way, garbage included.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 20L * ids, 40L * ids);
        Assert.InRange(window.Bytes, 20L * ids, 40L * ids);
    }

    [Theory]
    [InlineData(1_023)]
    [InlineData(1_024)]
    [InlineData(3_071)]
    [InlineData(3_072)]
    [InlineData(100_000)]
    public void A_window_that_stays_as_it_is_makes_nothing_anew(int seconds)
    {
        var window = new DuplicateWindow(1_000_000, seconds);
        var second = 1u;
        for (; second < 3 * seconds; second++)
        {
            window.Add(new UInt128(second, second * 0x9E3779B97F4A7C15), second);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (; second < 4 * seconds; second++)
        {
            window.Add(new UInt128(second, second * 0x9E3779B97F4A7C15), second);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Repeat_at_the_windows_edge_counts_once_and_beyond_it_anew()
    {
        var window = new DuplicateWindow(10, 60);
        Assert.False(window.Add(1, 100));
        Assert.True(window.Add(1, 160));
        Assert.True(window.Add(1, 220));
        Assert.False(window.Add(1, 281));
    }

    [Fact]
    public void Cleared_window_knows_nothing_and_says_since_when()
    {
        var window = new DuplicateWindow(10, 60);
        window.Add(1, 100);
        window.Clear(130);
        Assert.Equal(0, window.Count);
        Assert.Equal(130u, window.Horizon);
        Assert.False(window.Add(1, 131));
        Assert.True(window.Add(1, 131));
    }

    private sealed class Model(int maxCount, int seconds)
    {
        public List<(UInt128 Hash, uint Second)> Held { get; } = [];

        public uint Horizon { get; private set; }

        public bool Add(UInt128 hash, uint second)
        {
            while (Held.Count > 0 && (Held[0].Second + seconds < second || Held.Count == maxCount))
            {
                Horizon = Math.Max(Horizon, Held[0].Second);
                Held.RemoveAt(0);
            }

            var known = hash != UInt128.Zero && Held.Exists(held => held.Hash == hash);
            Held.Add((hash, second));
            return known;
        }
    }
}
