using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Footfall.Server.Expose.Top;

/// <summary>
/// Draws what is known of an app, for a terminal of any size: each part is of whole lines that fit, so nothing wraps. Where
/// there are too few rows, the least important is left out: blank lines, the sparkline, funnels, rows of targets, keys.
/// </summary>
internal static class TopScreen
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>Names can have 100 characters, a row has one line.</summary>
    private const int MaxName = 40;

    /// <summary>Rows of targets that come before funnels and the sparkline.</summary>
    private const int FirstTargets = 3;

    /// <summary>Lines that what is wrong may take.</summary>
    private const int MaxHealth = 3;

    /// <summary>The whole screen.</summary>
    /// <param name="view">What is known.</param>
    /// <param name="trouble">What is wrong with the connection; null: nothing.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Rows of the terminal; one less is drawn, for the cursor.</param>
    /// <param name="keys">What keys do, in a line; null where there are none.</param>
    /// <param name="help">What each key does, shown instead of everything that is counted; null: not now.</param>
    public static IRenderable Draw(TopView view, string? trouble, int width, int height, string? keys, IReadOnlyList<(string Key, string Does)>? help = null)
    {
        if (view.Current is not { } current)
        {
            return new Rows(Wrap(trouble ?? "Connecting ...", width, Math.Max(1, height - 1)).Select(line => new Line().Add((line, "grey"))));
        }

        List<IRenderable> heading = [Heading(current, trouble)];
        if (help is not null)
        {
            return new Rows(heading.Concat(help.Select(key => new Line().Add(($"{key.Key,-8}{key.Does}", "")))).Take(Math.Max(1, height - 1)));
        }

        var (numbers, names) = Numbers(current, width);
        var health = Health(current, width);
        var left = height - 1 - heading.Count - 1; // the numbers themselves are always there
        var hasHealth = Take(ref left, health.Count);
        var hasNames = Take(ref left, 1);
        var hasKeys = keys is not null && Take(ref left, 1);
        var targets = view.Targets.ToArray();
        var rows = Math.Clamp(left - 1, 0, Math.Min(targets.Length, FirstTargets)); // below their heading
        left -= rows == 0 ? 0 : rows + 1;
        var funnels = (current.Funnels ?? []).Take(Math.Max(0, left)).ToArray();
        left -= funnels.Length;
        var hasSparkline = view.Series is not null && Take(ref left, 1);
        var blanks = new List<bool>();
        foreach (var wanted in (bool[])[rows > 0, hasNames, hasHealth && health.Count > 0, hasKeys])
        {
            blanks.Add(wanted && Take(ref left, 1));
        }

        var room = rows + Math.Max(0, left);
        var isAll = targets.Length <= room && (current.MoreTargets ?? 0) == 0;
        rows = rows == 0 || isAll ? Math.Min(targets.Length, rows == 0 ? 0 : room) : Math.Min(targets.Length, Math.Max(1, room - 1)); // one says how many more

        var all = heading;
        Blank(blanks[1]);
        all.Add(numbers);
        all.AddRange(hasNames ? [names] : []);
        all.AddRange(hasSparkline ? [Sparkline(view.Series!, width)] : []);
        Blank(blanks[0]);
        all.AddRange(rows > 0 ? Targets(targets, rows, room > rows ? targets.Length - rows + (current.MoreTargets ?? 0) : 0, width) : []);
        all.AddRange(funnels.Select(Funnel));
        Blank(blanks[2]);
        all.AddRange(hasHealth ? health : []);
        Blank(blanks[3]);
        all.AddRange(hasKeys ? [Keys(keys!)] : []);
        return new Rows(all.Take(Math.Max(1, height - 1)));

        void Blank(bool isThere) => all.AddRange(isThere ? [new Line()] : []);
    }

    /// <summary>Numbers as bars, as many as there is room for, the newest last; the highest bar is the largest number.</summary>
    public static string Sparkline(IReadOnlyList<long> numbers, int width)
    {
        var shown = numbers.Skip(Math.Max(0, numbers.Count - width)).ToArray();
        var most = shown.DefaultIfEmpty().Max();
        return string.Concat(shown.Select(number => most == 0 || number == 0 ? Bars[0] : Bars[(int)(1 + ((number * (Bars.Length - 2)) / most))]));
    }

    private static Line Keys(string keys)
    {
        var line = new Line();
        foreach (var (key, index) in keys.Split(", ").Select((key, index) => (key, index)))
        {
            line.Add(((index == 0 ? "" : ", ") + key, "grey"));
        }

        return line;
    }

    private static bool Take(ref int left, int lines)
    {
        if (left < lines)
        {
            return false;
        }

        left -= lines;
        return true;
    }

    private static Line Sparkline(LiveSeries series, int width)
    {
        var said = $" last {(series.To - series.From) / 60} min";
        return new Line().Add((Sparkline(series.Total, Math.Max(1, width - said.Length - 1)), "green")).Add((said, "grey"));
    }

    private static Line Heading(LiveDocument current, string? trouble)
    {
        var line = new Line().Add(("Footfall", "bold"), ("  ", ""), (Safe(Short(current.App ?? "")), "bold green"));
        if (trouble is not null)
        {
            // Of words, so that the first of them are there.
            foreach (var (word, index) in Safe(trouble).Split(' ').Select((word, index) => (word, index)))
            {
                line.Add(((index == 0 ? "  " : " ") + word, "yellow"));
            }

            return line;
        }

        line.Add(("  " + (current.UpTo is { } time
            ? $"counted up to {DateTimeOffset.FromUnixTimeMilliseconds(time).ToLocalTime().ToString("HH:mm:ss.f", CultureInfo.InvariantCulture)}"
            : "nothing counted yet"), "grey"));
        return current.Health is { Lag: > 0 } health ? line.Add(($", {Number(health.Lag)} on the way", "grey")) : line;
    }

    private static (Line Numbers, Line Names) Numbers(LiveDocument current, int width)
    {
        var now = current.Now;
        // By how soon they are left out where there is no room, the last first.
        (string Name, string Value, int Rank)[] all =
        [
            ("in all", Number(current.Total ?? 0), 0),
            ("a second", Number(now?.Second ?? 0), 2),
            ("a minute", Number(now?.Minute ?? 0), 1),
            .. (now?.Visitors.AsEnumerable() ?? []).Select(window => ("visitors " + Safe(window.Key), Number(window.Value), window.Key == "5m" ? 3 : 5)),
            ("delivery", Seconds(now?.Delivery?.P50), 4),
        ];
        while (all.Length > 1 && all.Sum(one => WidthOf(one.Name, one.Value) + 2) - 2 > width)
        {
            all = [.. all.Where((_, index) => index != Array.FindLastIndex(all, one => one.Rank == all.Max(other => other.Rank)))];
        }

        var (numbers, names) = (new Line(cutsFirst: false), new Line());
        foreach (var (one, index) in all.Select((one, index) => (one, index)))
        {
            // Only the value of the only one counts, where its name has no room.
            var columns = all.Length == 1 ? Line.Width(one.Value) : WidthOf(one.Name, one.Value);
            var gap = index == 0 ? "" : "  ";
            numbers.Add((gap + Right(one.Value, columns), "bold"));
            names.Add((gap + Right(one.Name, columns), "grey"));
        }

        return (numbers, names);

        static int WidthOf(string name, string value) => Math.Max(Line.Width(name), Line.Width(value));
    }

    private static IEnumerable<Line> Targets(LiveTarget[] all, int most, int more, int width)
    {
        const int LeastName = 12;
        var shown = all.Take(most).Select(target => (Target: target, Cells: (string[])
        [
            Safe(Short(target.Type)),
            Number(target.Total),
            Number(target.Minute),
            target.Value is { } value ? value.ToString("#,0.##", CultureInfo.InvariantCulture) : "",
        ])).ToArray();
        string[] names = ["type", "total", "a minute", "value"];
        var widths = names.Select((name, column) => shown.Select(row => Line.Width(row.Cells[column])).Append(name.Length).Max()).ToArray();
        widths[0] = Math.Min(widths[0], 20);
        var columns = new List<int> { 0, 1, 2, 3 };
        foreach (var column in (int[])[3, 0, 2]) // left out in this order
        {
            if (width - columns.Sum(one => widths[one] + 2) < LeastName)
            {
                columns.Remove(column);
            }
        }

        var longest = shown.Select(row => Line.Width(Name(row.Target))).Append("target".Length).Max();
        var room = Math.Max(0, Math.Min(longest, width - columns.Sum(one => widths[one] + 2)));
        yield return Row("target", "grey", names, ["grey", "grey", "grey", "grey"]);
        foreach (var (target, cells) in shown)
        {
            yield return Row(Name(target), target.Target.Length == 0 ? "grey" : target.Pinned ? "bold" : "", cells, ["grey", "", target.Minute == 0 ? "grey" : "green", ""]);
        }

        if (more > 0)
        {
            yield return new Line().Add(($"and {Number(more)} more", "grey"));
        }

        Line Row(string name, string style, string[] cells, string[] styles)
        {
            var fit = Line.Fit(name, room);
            var line = new Line().Add((fit + new string(' ', room - Line.Width(fit)), style));
            foreach (var column in columns)
            {
                var cell = column == 0 ? Line.Fit(cells[0], widths[0]) : cells[column];
                line.Add(("  " + (column == 0 ? cell + new string(' ', widths[0] - Line.Width(cell)) : Right(cell, widths[column])), styles[column]));
            }

            return line;
        }

        static string Name(LiveTarget target) => target.Target.Length == 0 ? "(none)" : Safe(Short(target.Target));
    }

    private static Line Funnel(LiveFunnel funnel)
    {
        var line = new Line().Add((Safe(Short(funnel.Name)) + ":", "grey"));
        long? before = null;
        foreach (var step in funnel.Steps)
        {
            // More than at the step before: the funnel had other steps once, and what they counted stays. No share would be true.
            var share = before is not > 0 ? "" : step.Visitors > before ? " –" : string.Create(CultureInfo.InvariantCulture, $" {(100.0 * step.Visitors) / before:0.#}%");
            line.Add((before is null ? " " : " → ", "grey"), (Safe(Short(step.Name)), ""), (" " + Number(step.Visitors), "bold"), (share, "green"));
            before = step.Visitors;
        }

        return line;
    }

    private static List<Line> Health(LiveDocument current, int width) => current.Health is not { Message: { } message } health
        ? []
        : [.. Wrap(Safe(health.Advice is { } advice ? $"{message} {advice}" : message), width, MaxHealth)
            .Select(line => new Line().Add((line, health.Level == "bad" ? "red" : "yellow")))];

    /// <summary>Lines of whole words.</summary>
    private static List<string> Wrap(string text, int width, int most)
    {
        var lines = new List<string>();
        foreach (var word in text.Split(' '))
        {
            if (lines.Count > 0 && Line.Width(lines[^1]) + 1 + Line.Width(word) <= width)
            {
                lines[^1] += " " + word;
            }
            else if (lines.Count < most)
            {
                lines.Add(word);
            }
            else
            {
                lines[^1] += " …";
                break;
            }
        }

        return lines;
    }

    private static string Right(string text, int width) => new string(' ', Math.Max(0, width - Line.Width(text))) + text;

    private static string Safe(string text) => TerminalText.Safe(text);

    private static string Short(string text) => text.Length <= MaxName ? text : text[..(char.IsHighSurrogate(text[MaxName - 2]) ? MaxName - 2 : MaxName - 1)] + "…";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Seconds(double? seconds) => seconds is { } known
        ? known < 1 ? string.Create(CultureInfo.InvariantCulture, $"{known * 1000:0} ms") : string.Create(CultureInfo.InvariantCulture, $"{known:0.0} s")
        : "-";
}
