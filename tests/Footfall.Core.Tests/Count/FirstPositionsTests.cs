using CsCheck;

namespace Footfall.Count;

public sealed class FirstPositionsTests
{
    [Fact]
    public void First_record_after_a_second_is_that_of_a_plain_list() =>
        Gen.Select(Gen.OneOf(0, 0, 1, 1, 30, 1799, 1800, 3599, 3600, 3601, 7199, 7200, 7201, 9000).Array[1, 50], Gen.Int[0, FirstPositions.Seconds]).Sample((steps, ago) =>
        {
            var firsts = new FirstPositions();
            var seconds = new List<uint>();
            foreach (var step in steps)
            {
                seconds.Add((uint)(seconds.LastOrDefault(1_000_000u) + step));
                firsts.Add(seconds[^1], seconds.Count - 1, (-seconds.Count, seconds[0]));
            }

            var after = seconds[^1] - (long)ago;
            var place = seconds.FindIndex(second => second > after);
            (long, uint, (long, uint))? expected = place < 0 ? null : (place, seconds[place], (-place - 1, seconds[0]));
            Assert.Equal(expected, firsts.After(after));
        }, iter: 5_000);
}
