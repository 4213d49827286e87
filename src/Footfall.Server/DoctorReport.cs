using Footfall.Server.Capture.Doctor;
using Spectre.Console;

namespace Footfall.Server;

/// <summary>What <c>footfall doctor</c> found, for people.</summary>
public sealed class DoctorReport(IReadOnlyList<Finding> findings)
{
    private static readonly string[] Unseen =
    [
        "ad blockers and browser extensions, a visitor's network, a firewall on the way",
        "scripts that a tag manager, a bundle or other code adds to the page or takes out; service workers",
        "consent managers, and whether the page calls footfall.consent(true) or footfall.off()",
        "browsers that ask not to be tracked, which send nothing unless data-signals is ignore",
        "the visitor's own clock; frames; pages that only who is signed in can open",
    ];

    /// <summary>Whether nothing keeps clicks from arriving.</summary>
    public bool IsWell => Count(Level.Wrong) == 0;

    /// <summary>Writes it to the standard output: in colour and wrapped to a terminal, else a line a finding.</summary>
    public void Write()
    {
        if (!AnsiConsole.Profile.Out.IsTerminal)
        {
            Console.Write(ToString());
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var finding in findings)
        {
            grid.AddRow($"[{Colour(finding.Level)}]{Name(finding.Level)}[/]", $"[grey]{Markup.Escape(finding.Subject)}[/]", Markup.Escape(finding.Text));
            if (finding.Remedy is { } remedy)
            {
                grid.AddRow("", "", $"[bold]→ {Markup.Escape(remedy)}[/]");
            }
        }

        AnsiConsole.Write(grid);
        AnsiConsole.MarkupLine("\n[grey]What can't be seen without a browser:[/]");
        foreach (var unseen in Unseen)
        {
            AnsiConsole.MarkupLineInterpolated($"[grey]- {unseen}[/]");
        }

        AnsiConsole.MarkupLineInterpolated($"\n[bold]{Summary()}[/]");
    }

    /// <summary>As plain text.</summary>
    public override string ToString()
    {
        var lines = new List<string>();
        foreach (var finding in findings)
        {
            lines.Add($"{Name(finding.Level),-9}{finding.Subject,-15}{finding.Text}");
            if (finding.Remedy is { } remedy)
            {
                lines.Add($"{"",-24}→ {remedy}");
            }
        }

        lines.Add("\nWhat can't be seen without a browser:");
        lines.AddRange(Unseen.Select(unseen => $"- {unseen}"));
        lines.Add($"\n{Summary()}\n");
        return string.Join('\n', lines);
    }

    private static string Name(Level level) => level switch
    {
        Level.Ok => "ok",
        Level.Warning => "warning",
        _ => "WRONG",
    };

    private static string Colour(Level level) => level switch
    {
        Level.Ok => "green",
        Level.Warning => "yellow",
        _ => "bold red",
    };

    private int Count(Level level) => findings.Count(finding => finding.Level == level);

    private string Summary()
    {
        var warnings = Count(Level.Warning) > 0 ? $", {Shown.Count(Count(Level.Warning), "warning")}" : "";
        if (!IsWell)
        {
            return $"{Shown.Number(Count(Level.Wrong))} wrong{warnings}: as far as can be seen, clicks of this page don't arrive.";
        }

        // Only the collector itself can say that it takes them.
        return findings.Any(finding => finding is { Subject: CollectorCheck.Subject, Level: Level.Ok })
            ? $"Nothing is wrong{warnings}: as far as can be seen, clicks of this page arrive."
            : $"Nothing is wrong{warnings}: whether clicks of this page arrive can't be said from here.";
    }
}
