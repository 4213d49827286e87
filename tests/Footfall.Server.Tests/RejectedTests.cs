using System.Globalization;
using System.Text;
using Footfall.AspNetCore.Capture;
using Footfall.Server.Capture;
using Footfall.Testing;

namespace Footfall.Server.Tests;

/// <summary>Rejected interactions that are kept for looking at.</summary>
public sealed class RejectedTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("footfall-rejected-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task What_is_rejected_is_listed_while_the_collector_runs_as_text_that_a_terminal_does_not_obey()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Keeping(10), new FakeTime());

        const string Wrong = "{\"app\":\"nobody\",\"target\":\"\u202ex\"}";
        (await collector.PostAsync($$"""[{{Given.Click("1")}}, {{Wrong}},{"app":"shop","target":"x","value":-1}]""")).Dispose();
        await Eventually.HoldsAsync("all are kept", () => RejectedFile.Read(_data).Count() == 2);

        var output = new StringWriter();
        RejectedCommand.Write(output, RejectedFile.Read(_data), json: false);
        Assert.Equal(
            """
            2026-11-24 05:29:48.123Z (unknown) unknown_app {"app":"nobody","target":"\u{202e}x"}
            2026-11-24 05:29:48.123Z shop invalid_value {"app":"shop","target":"x","value":-1}

            """,
            output.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task By_default_nothing_is_kept()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Keeping(0));
        (await collector.PostAsync("""{"app":"shop"}""")).Dispose();

        Assert.False(Directory.Exists(RejectedFile.DirectoryOf(_data)));
        Assert.Equal(0, await collector.SampleAsync("footfall_rejected_unkept_total"));
    }

    [Fact]
    public async Task A_flood_of_them_keeps_no_request_waiting_and_what_is_left_out_is_counted()
    {
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Keeping(100));
        var many = $"[{Given.Click("1")},{string.Join(',', Enumerable.Repeat("""{"app":"shop"}""", 9_999))}]";

        using var answer = await collector.PostAsync(many);

        Assert.StartsWith("""{"accepted":1,"rejected":[{"index":1,"reason":"invalid_target",""", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotEqual(0, await collector.SampleAsync("footfall_rejected_unkept_total"));
        await Eventually.HoldsAsync("some are kept", () => RejectedFile.Read(_data).Any());
        Assert.InRange(RejectedFile.Read(_data).Count(), 1, 100);
    }

    [Fact]
    public async Task Two_collectors_of_one_directory_do_not_write_into_each_other_s_and_both_take()
    {
        using var other = RejectedFile.Open(_data, 10);
        await using var collector = await RunningService.CollectorAsync(new MemoryLog().OpenWriter(), Keeping(10));

        using var answer = await collector.PostAsync($$"""[{{Given.Click("1")}},{"app":"shop"}]""");

        Assert.Equal(202, (int)answer.StatusCode);
        Assert.Empty(RejectedFile.Read(_data));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(11)]
    public void The_last_ones_are_kept_and_never_more_than_said_also_by_a_collector_that_was_killed(int keep)
    {
        var written = 0;
        for (var life = 0; life < 4; life++)
        {
            using (var file = RejectedFile.Open(_data, keep))
            {
                for (var i = 0; i < 7; i++)
                {
                    file.Add(Rejected(written++));
                    file.Flush();
                    var kept = RejectedFile.Read(_data).Select(one => one.Reason).ToArray();
                    Assert.InRange(kept.Length, 1, Math.Max(keep, 2));
                    Assert.Equal(Enumerable.Range(written - kept.Length, kept.Length).Select(Number), kept);
                }
            }

            File.AppendAllText(Path.Combine(RejectedFile.DirectoryOf(_data), "newer.ndjson"), "{\"When\":");
        }
    }

    [Fact]
    public void Of_a_long_one_the_beginning_is_shown_and_how_much_is_missing()
    {
        var output = new StringWriter();
        RejectedCommand.Write(output, [Rejected(7) with { Length = 5_000, Sent = Given.Utf8("{\"a\":") }], json: false);
        Assert.Equal("2026-11-24 05:29:48.123Z shop 7 {\"a\": (4995 more bytes)\n", output.ToString().ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("Buy Now – 49 €, ä 中 😀", "Buy Now – 49 €, ä 中 😀")]
    [InlineData("\u001b[31mred\r\n\t\u0007", "\\u{1b}[31mred\\u{d}\\u{a}\\u{9}\\u{7}")]
    [InlineData("\u009b2J", "\\u{9b}2J")]
    [InlineData("a\u202eb\u2066c\u200ed\ufeff", "a\\u{202e}b\\u{2066}c\\u{200e}d\\u{feff}")]
    [InlineData("\u2028\u00a0", "\\u{2028}\\u{a0}")]
    public void Text_is_shown_and_not_obeyed(string text, string shown) => Assert.Equal(shown, TerminalText.Safe(text));

    [Fact]
    public void Bytes_that_are_no_text_are_shown_as_bytes() => Assert.Equal("a\\xff\\xc3b", TerminalText.Safe([(byte)'a', 0xff, 0xc3, (byte)'b']));

    private static KeptRejected Rejected(int number) => new(Given.Now, "shop", Number(number), 2, Encoding.UTF8.GetBytes("{}"));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private FootfallOptions Keeping(int count) => Given.TwoApps with { Data = _data, Capture = Given.TwoApps.Capture with { KeepRejected = count } };
}
