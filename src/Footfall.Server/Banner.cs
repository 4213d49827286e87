using System.Globalization;
using Spectre.Console;

namespace Footfall.Server;

/// <summary>What a newcomer reads first: what runs where, and what to do now.</summary>
public sealed class Banner(FootfallOptions options, string log)
{
    private const string Query = "sum%20by%20(target)%20(footfall_interactions_total%7Btype%3D%22click%22%7D)";

    /// <summary>Prometheus' port, when it runs.</summary>
    public int? Prometheus { get; init; }

    /// <summary>Grafana's port, when it runs.</summary>
    public int? Grafana { get; init; }

    /// <summary>Simulated interactions a second.</summary>
    public int? Simulated { get; init; }

    /// <summary>Whether the demo shop is served.</summary>
    public bool HasDemo { get; init; }

    /// <summary>Writes it to the terminal.</summary>
    public void Write()
    {
        var collector = options.Capture.Listen.TrimEnd('/');
        var metrics = options.Expose.Listen.TrimEnd('/');
        var (app, section) = options.Capture.AppsOrDemo.First();
        var key = section.WriteKey is null ? "" : " data-key=\"its write key\""; // what stands here may stand in a log
        AnsiConsole.MarkupLineInterpolated($"\n[bold]Footfall {ServiceHost.Version}[/]\n");
        if (HasDemo)
        {
            Row("Course shop", $"{collector}/demo/", "press \"Enroll Now\" and \"Buy Now\"");
        }
        else
        {
            Row("Course shop", "not here", "it needs an app named demo, without a write key");
        }

        Row("Collector", collector, "POST /v1/interactions, described at /docs");
        Row("Live board", $"{metrics}/", "what happens, while it happens");
        Row("Metrics", $"{metrics}/metrics", "the totals, for Prometheus");
        if (Prometheus is { } prometheus)
        {
            Row("Prometheus", string.Create(CultureInfo.InvariantCulture, $"http://localhost:{prometheus}/graph?g0.expr={Query}&g0.tab=0&g0.range_input=5m"), "clicks by target");
        }

        if (Grafana is { } grafana)
        {
            Row("Grafana", string.Create(CultureInfo.InvariantCulture, $"http://localhost:{grafana}/d/footfall-interactions"), "the dashboards");
        }
        else if (Prometheus is not null)
        {
            Row("Grafana", "not here", "put it on the PATH or set GRAFANA_HOME; or docker compose -f deploy/compose.yaml up");
        }

        Row("Log", log, "");
        if (Simulated is { } rate)
        {
            Row("Simulated", string.Create(CultureInfo.InvariantCulture, $"{rate} interactions a second"), "");
        }

        AnsiConsole.MarkupLineInterpolated($"\nOn your own site:  <script defer src=\"{collector}/footfall.js\" data-app=\"{app}\"{key}></script>");
        AnsiConsole.MarkupLine("Ctrl-C stops all of it.\n");
    }

    private static void Row(string name, string value, string note)
    {
        // Not wrapped at the terminal's width: an address is to be clicked and copied whole.
        AnsiConsole.Profile.Width = int.MaxValue;
        // One write: a log line may come at any moment, but not within a row.
        AnsiConsole.MarkupLineInterpolated($"  [grey]{name,-12}[/]{value}{(note.Length > 0 ? "   " : "")}[grey]{note}[/]");
    }
}
