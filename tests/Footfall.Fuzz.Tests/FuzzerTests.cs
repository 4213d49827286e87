using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Footfall.Fuzz.Tests;

/// <summary>The fuzzer can fail: what is put in on purpose is found within seconds, and made small.</summary>
public sealed class FuzzerTests
{
    /// <summary>Of a machine that has other things to do; alone it takes one or two.</summary>
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(90);

    /// <summary>So much for a byte, and nothing else to speak of.</summary>
    private static readonly Bounds Tight = new(
        BytesAByte: 64, BytesAnEvent: 0, BytesAlways: 16 * 1024, AByte: TimeSpan.FromMicroseconds(1), AnEvent: TimeSpan.Zero, Always: TimeSpan.FromMilliseconds(10));

    [Fact]
    public void Exception_on_a_shape_that_the_corpus_has_not_is_found_and_made_small()
    {
        var found = Find(input =>
        {
            if (input.AsSpan().IndexOf("\"view\":["u8) >= 0)
            {
                throw new NotSupportedException("a list");
            }
        });

        Assert.Contains("a list", found.Error, StringComparison.Ordinal);
        Assert.Equal("\"view\":[", Encoding.UTF8.GetString(found.Input));
    }

    [Fact]
    public void Invalid_text_that_gets_through_is_found() =>
        Assert.InRange(Find(input => BrokenPromise.Unless(!input.AsSpan().Contains((byte)0xED), "half a pair")).Input.Length, 1, 1);

    [Fact]
    public void Memory_without_bound_is_found()
    {
        var found = Find(input => Tight.Check(() => GC.KeepAlive(Enumerable.Range(0, input.Count(b => b == '{')).Select(_ => new byte[input.Length]).ToArray()), input.Length, events: 0));

        Assert.Contains("allocates more than it may", found.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Time_that_grows_with_the_square_is_found()
    {
        var found = Find(input => Tight.Check(
            () =>
            {
                var sum = 0;
                foreach (var _ in input.Where(b => b == ','))
                {
                    foreach (var b in input)
                    {
                        sum += b;
                    }
                }

                GC.KeepAlive(sum);
            },
            input.Length,
            events: 0));

        Assert.Contains("takes longer than it may", found.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_and_numbers_that_are_too_large_are_tried()
    {
        Find(input => BrokenPromise.Unless(!Encoding.UTF8.GetString(input).Contains("[[[[[[[[[[[[[[[[[[[[", StringComparison.Ordinal), "deep"));
        Find(input => BrokenPromise.Unless(!Encoding.UTF8.GetString(input).Contains("9223372036854775808", StringComparison.Ordinal), "large"));
    }

    [Fact]
    public void One_seed_makes_the_same_inputs_and_another_others()
    {
        Assert.Equal(Inputs(7), Inputs(7));
        Assert.NotEqual(Inputs(7), Inputs(8));

        static List<string> Inputs(int seed)
        {
            var inputs = new List<string>();
            var fuzzer = new Fuzzer(new Sabotaged("any", input => inputs.Add(Convert.ToHexString(input))), Sabotaged.Corpus, seed, isGuided: false);
            fuzzer.RunFor(inputs: 500);
            return inputs;
        }
    }

    [Fact]
    public void Each_mistake_is_told_once_and_other_ones_beside_it()
    {
        var fuzzer = new Fuzzer(
            new Sabotaged("two", input =>
            {
                BrokenPromise.Unless(input.Length != 3, "three");
                BrokenPromise.Unless(input.Length < 10, string.Create(CultureInfo.InvariantCulture, $"{input.Length} is long"));
            }),
            Sabotaged.Corpus,
            seed: 1,
            isGuided: false);
        fuzzer.RunFor(inputs: 2_000);

        Assert.Equal(["three", "10 is long"], fuzzer.Found.Select(found => found.Error.Split('\n')[0].Split(": ")[1]).OrderDescending(StringComparer.Ordinal));
        Assert.Equal([3, 10], fuzzer.Found.Select(found => found.Input.Length).Order());
    }

    [Fact]
    public void Code_of_Core_says_which_branches_it_takes_and_inputs_are_kept_for_it()
    {
        var campaign = new Campaign(Seed: 1, TimeSpan.FromSeconds(2), Only: "json", IsGuided: true);
        var result = Assert.Single(JsonSerializer.Deserialize<TargetResult[]>(Guided.Run(JsonSerializer.Serialize(campaign)))!);

        Assert.Empty(result.Found);
        Assert.True(result.Places > 200, $"{result.Places} places");
        Assert.True(result.Kept > 100, $"{result.Kept} kept");
    }

    private static Found Find(Action<byte[]> check)
    {
        var fuzzer = new Fuzzer(new Sabotaged("sabotaged", check), Sabotaged.Corpus, seed: 1, isGuided: false);
        for (var time = TimeSpan.Zero; time < Seconds && fuzzer.Found.Count == 0; time += TimeSpan.FromSeconds(0.2))
        {
            fuzzer.RunFor(TimeSpan.FromSeconds(0.2));
        }

        return fuzzer.Found.First();
    }
}
