using Footfall.Server.Expose.Top;
using Spectre.Console;

namespace Footfall.Server.Tests;

public sealed class TopTests
{
    private const string State =
        """
        {"app":"shop","apps":["shop"],"upTo":1764141600010,"total":3,"value":null,
         "now":{"second":0,"minute":3,"visitors":{"1m":1,"5m":2,"30m":9},"delivery":{"p50":0.21,"p99":0.45}},
         "targets":[{"k":0,"type":"view","target":"","pinned":false,"total":1200,"value":null,"minute":2},
                    {"k":1,"type":"click","target":"Buy Now","pinned":true,"total":2,"value":39.8,"minute":1}],
         "funnels":[{"name":"buy","steps":[{"name":"view","visitors":40},{"name":"Buy Now","visitors":10}]}],
         "health":{"level":"ok","message":null,"advice":null,"lag":0}}
        """;

    [Fact]
    public void A_tick_changes_what_it_names_and_leaves_the_rest()
    {
        var view = new TopView();
        view.Replace(Read(State));
        view.Apply(Read("""{"total":4,"targets":[{"k":1,"type":"click","target":"Buy Now","pinned":true,"total":3,"value":59.7,"minute":2}]}"""));

        Assert.Equal(4, view.Current!.Total);
        Assert.Equal(9, view.Current.Now!.Visitors["30m"]);
        Assert.Equal([("Buy Now", 3), ("", 1200)], view.Targets.Select(target => (target.Target, target.Total)));
    }

    [Fact]
    public void Pinned_targets_stand_as_they_are_told_whatever_is_pressed_more()
    {
        var view = new TopView();
        view.Replace(Read(
            """
            {"targets":[{"k":5,"type":"click","target":"Enroll Now","pinned":true,"total":0},{"k":2,"type":"click","target":"Buy Now","pinned":true,"total":2},
                        {"k":0,"type":"click","target":"a","pinned":false,"total":1},{"k":1,"type":"click","target":"b","pinned":false,"total":7}]}
            """));
        view.Apply(Read("""{"targets":[{"k":2,"type":"click","target":"Buy Now","pinned":true,"total":9}]}"""));

        Assert.Equal(["Enroll Now", "Buy Now", "b", "a"], view.Targets.Select(target => target.Target));
        view.Apply(Read("""{"targets":[{"k":9,"type":"submit","target":"Enroll Now","pinned":true,"total":1}]}"""));
        Assert.Equal([5, 9, 2, 1, 0], view.Targets.Select(target => target.K));
    }

    [Fact]
    public void A_whole_document_replaces_all_that_was_known()
    {
        var view = new TopView();
        view.Replace(Read(State));
        view.Replace(Read("""{"app":"wiki","apps":["shop","wiki"],"total":0,"targets":[]}"""));

        Assert.Empty(view.Targets);
        Assert.Null(view.Current!.Now);
    }

    [Fact]
    public void It_shows_pinned_targets_first_rates_visitors_and_shares_of_a_funnel()
    {
        var screen = Draw(State);

        Assert.Contains("Footfall  shop", screen, StringComparison.Ordinal);
        Assert.Matches(@"(?s)Buy Now\s+click\s+2\s+1\s+39.8.*\(none\)\s+view\s+1,200\s+2", screen);
        Assert.Contains("buy: view 40 → Buy Now 10 25%", screen, StringComparison.Ordinal);
        Assert.Contains("210 ms", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_and_what_to_do_is_told()
    {
        var screen = Draw("""{"app":"shop","total":0,"health":{"level":"bad","message":"Kafka is away.","advice":"See whether it runs.","lag":812}}""");

        Assert.Contains("Kafka is away. See whether it runs.", screen, StringComparison.Ordinal);
        Assert.Contains("812 on the way", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hostile_name_stays_text_of_one_line()
    {
        var screen = Draw("""{"app":"shop","total":1,"targets":[{"k":0,"type":"click","target":"[red]\u001b[2J\u202eevil\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","pinned":false,"total":1,"value":null,"minute":0}]}""");

        Assert.Contains(@"[red]\u{1b}[2J\u{202e}evil\u{a}", screen, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', screen);
        Assert.DoesNotContain('\u202e', screen);
        Assert.All(screen.Split('\n'), line => Assert.True(line.Length <= 100, line));
    }

    [Fact]
    public void More_visitors_than_at_the_step_before_are_no_share()
    {
        // The funnel had other steps once: what they counted stays.
        var screen = Draw("""{"app":"shop","total":1,"funnels":[{"name":"buy","steps":[{"name":"view","visitors":2},{"name":"cart","visitors":40},{"name":"pay","visitors":10}]}]}""");

        Assert.Contains("buy: view 2 → cart 40 – → pay 10 25%", screen, StringComparison.Ordinal);
        Assert.DoesNotContain("2000%", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_terminal_of_any_size_nothing_wraps_and_no_number_is_cut()
    {
        var whole = Large with { Health = new LiveHealth("warn", "Counting is behind: 1,234,567 interactions wait.", "Nothing is lost.", 1_234_567) };
        var numbers = Numbers(Draw(whole, width: 500, height: 500)).ToHashSet(StringComparer.Ordinal);
        for (var width = 8; width <= 120; width++)
        {
            for (var height = 2; height <= 40; height++)
            {
                var screen = Draw(whole, width, height);
                var lines = screen.TrimEnd('\n').Split('\n');
                Assert.True(lines.Length <= height - 1 || height == 2, $"{width} x {height}:\n{screen}");
                Assert.All(lines, line => Assert.True(Line.Width(line) <= width || line.StartsWith("1,234,567", StringComparison.Ordinal) || Wraps(line), $"{width} x {height}: {line}"));
                Assert.Subset(numbers, Numbers(screen).ToHashSet(StringComparer.Ordinal));
                Assert.StartsWith("Foot", screen, StringComparison.Ordinal);
                if (height >= 3 && width >= "987,654,321".Length)
                {
                    Assert.Contains("987,654,321", screen, StringComparison.Ordinal); // in all
                }
            }
        }

        // One word that is longer than the terminal is wide, of what is wrong.
        static bool Wraps(string line) => !line.Trim().Contains(' ', StringComparison.Ordinal);

        static IEnumerable<string> Numbers(string screen) => screen.Split([' ', '\n', '%'], StringSplitOptions.RemoveEmptyEntries)
            .Where(word => char.IsAsciiDigit(word[0])).Select(word => word.TrimEnd('…', ':', ','));
    }

    [Theory]
    [InlineData(24, true, true, true)]
    [InlineData(14, false, true, true)]
    [InlineData(11, false, false, true)]
    [InlineData(7, false, false, false)]
    public void Where_there_are_few_rows_the_least_important_is_left_out_first(int height, bool hasSparkline, bool hasFunnels, bool hasTargets)
    {
        var screen = Draw(Large, 80, height);

        Assert.Equal((hasSparkline, hasFunnels, hasTargets), (screen.Contains('▁', StringComparison.Ordinal), screen.Contains("funnel 5:", StringComparison.Ordinal), screen.Contains("target 1", StringComparison.Ordinal)));
        Assert.Contains("987,654,321", screen, StringComparison.Ordinal);
        Assert.StartsWith("Footfall  shop", screen, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_listed_in_place_of_what_is_counted()
    {
        var view = new TopView();
        view.Replace(Large);
        var screen = Written(TopScreen.Draw(view, null, 80, 24, "? shows the keys", [("q", "ends"), ("a", "shows the next app")]), 80);

        Assert.Matches(@"(?s)^Footfall  shop.*\nq +ends\na +shows the next app\n$", screen);
        Assert.DoesNotContain("target", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 0, 0, 0 }, 10, "▁▁▁")]
    [InlineData(new long[] { 0, 1, 100 }, 10, "▁▂█")]
    [InlineData(new long[] { 9, 9, 1, 7 }, 2, "▂█")]
    [InlineData(new long[] { }, 10, "")]
    public void A_sparkline_has_its_highest_bar_where_the_most_is_of_what_is_shown(long[] numbers, int width, string line) =>
        Assert.Equal(line, TopScreen.Sparkline(numbers, width));

    [Fact]
    public void What_is_no_document_is_told_and_not_shown() =>
        Assert.Contains("no metrics service", Assert.Throws<LiveException>(() => Read("<html>")).Message, StringComparison.Ordinal);

    private static LiveDocument Read(string json) => LiveClient.Read(json, LiveJson.Default.LiveDocument);

    private static LiveDocument Large => new()
    {
        App = "shop",
        Apps = ["shop"],
        UpTo = 1_764_141_600_010,
        Total = 987_654_321,
        Now = new LiveNow(12_345, 678_901, new Dictionary<string, int>(StringComparer.Ordinal) { ["1m"] = 11_111, ["5m"] = 22_222, ["30m"] = 33_333 }, new LiveDelivery(0.21, 0.45)),
        Targets = [.. Enumerable.Range(0, 30).Select(i => new LiveTarget(i, "click", $"target {i} 日本語", i == 0, 1_000_000 - i, i % 2 == 0 ? 1_234.5m : null, 100 - i))],
        MoreTargets = 70,
        Funnels = [.. Enumerable.Range(1, 5).Select(i => new LiveFunnel($"funnel {i}", [new LiveStep("view", 40_000), new LiveStep("Enroll Now", 10_000), new LiveStep("Buy Now", 1_000)]))],
        Health = new LiveHealth("ok", null, null, 0),
    };

    private static string Draw(string json) => Draw(Read(json), width: 100, height: 40, keys: null, withSeries: false);

    private static string Draw(LiveDocument document, int width, int height, string? keys = "q ends", bool withSeries = true)
    {
        var view = new TopView { Series = withSeries ? new LiveSeries(0, 300, 5, new long[60]) : null };
        view.Replace(document);
        return Written(TopScreen.Draw(view, trouble: null, width, height, keys), width);
    }

    private static string Written(Spectre.Console.Rendering.IRenderable screen, int width)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = width;
        console.Write(screen);
        return output.ToString();
    }
}
