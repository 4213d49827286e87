using System.Globalization;
using System.Xml.Linq;
using Spectre.Console;

namespace Footfall.Faults;

/// <summary>The table for people and the JUnit file for <c>build/sum-tests.mjs</c>.</summary>
internal static class Report
{
    /// <summary>One part of the run: its world's name, and the run or why there is none.</summary>
    internal sealed record Part(string Name, Run? Run, IReadOnlyList<string> Violations, IReadOnlyList<PlannedFault> Skipped, string? Why);

    public static void Table(IReadOnlyList<Part> parts)
    {
        var table = new Table().AddColumn("fault").Border(TableBorder.Simple);
        foreach (var column in (string[])["times", "median s", "max s", "lost", "double", "decreases"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var part in parts.Where(part => part.Run is not null))
        {
            var run = part.Run!;
            foreach (var kind in run.Outcomes.Where(outcome => outcome.Skipped is null).GroupBy(outcome => outcome.Fault.Kind).OrderBy(group => group.Key))
            {
                var times = kind.Where(outcome => outcome.Counts is not null).Select(outcome => outcome.Counts!.Value.TotalSeconds).Order().ToList();
                table.AddRow($"{KindText.Of(kind.Key)} ({part.Name})", Number(kind.Count()), Seconds(times, times.Count / 2), Seconds(times, times.Count - 1),
                    "", "", Number(kind.Sum(outcome => outcome.Falls)));
            }

            var all = run.Outcomes.Where(outcome => outcome.Counts is not null).Select(outcome => outcome.Counts!.Value.TotalSeconds).Order().ToList();
            table.AddRow($"all ({part.Name})", Number(run.Outcomes.Count(outcome => outcome.Skipped is null)), Seconds(all, all.Count / 2), Seconds(all, all.Count - 1),
                Number(run.Verdict?.Lost), Number(run.Verdict?.Double), Number(run.Watch.Falls));
        }

        AnsiConsole.Profile.Width = 120;  // also where the output is a file
        AnsiConsole.Write(table);
        foreach (var part in parts)
        {
            if (part.Run is not { } run)
            {
                Console.WriteLine($"{part.Name}: {part.Skipped.Count} faults skipped: {part.Why}");
                continue;
            }

            var failovers = run.Failovers.Select(failover => failover.TotalSeconds).Order().ToList();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{part.Name}: {run.Ledger.SentCount} sent, {run.Ledger.AcceptedCount} accepted, {run.Verdict?.TakenWithoutAnswer ?? 0} taken without an answer, "
                + $"{run.Verdict?.Repeats ?? 0} repeats in the log, {run.Order?.Judged ?? 0} times the order of a visitor judged; {run.Load.Refused} times 503, {run.Load.Unanswered} times no answer, {run.Load.Abandoned} given up; "
                + $"{run.Watch.Scrapes} scrapes judged, {run.Scraper.Away} got no page{(run.WithoutPrometheus is { } why ? $"; {why}" : "; Prometheus asked")}"));
            if (failovers.Count > 0)
            {
                Console.WriteLine($"{part.Name}: {failovers.Count} failovers of a killed metrics instance, median {Seconds(failovers, failovers.Count / 2)} s, max {Seconds(failovers, failovers.Count - 1)} s");
            }
        }
    }

    public static void JUnit(string file, IReadOnlyList<Part> parts)
    {
        var cases = new List<XElement>();
        foreach (var part in parts)
        {
            foreach (var fault in part.Skipped)
            {
                cases.Add(Case(part.Name, fault, new XElement("skipped", new XAttribute("message", part.Why!))));
            }

            foreach (var outcome in part.Run?.Outcomes ?? [])
            {
                cases.Add(Case(part.Name, outcome.Fault,
                    outcome.Skipped is { } reason ? new XElement("skipped", new XAttribute("message", reason))
                    : outcome.Counts is null ? new XElement("failure", new XAttribute("message", "did not count again"))
                    : null));
            }

            if (part.Run is not null || part.Violations.Count > 0)
            {
                cases.Add(new XElement("testcase", new XAttribute("classname", $"faults.{part.Name}"), new XAttribute("name", "nothing is lost, double or taken back"),
                    part.Violations.Count > 0 ? new XElement("failure", new XAttribute("message", part.Violations[0]), string.Join('\n', part.Violations)) : null));
            }
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        new XDocument(new XElement("testsuites", new XElement("testsuite", new XAttribute("name", "faults"), cases))).Save(file);
    }

    private static XElement Case(string part, PlannedFault fault, XElement? outcome) => new("testcase",
        new XAttribute("classname", $"faults.{part}"),
        new XAttribute("name", string.Create(CultureInfo.InvariantCulture, $"{fault.Number}: {KindText.Of(fault.Kind)}")), outcome);

    private static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "?";

    private static string Seconds(List<double> ordered, int index) => ordered.Count == 0 ? "" : ordered[index].ToString("0.0", CultureInfo.InvariantCulture);
}
