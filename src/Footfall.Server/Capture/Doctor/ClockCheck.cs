namespace Footfall.Server.Capture.Doctor;

/// <summary>Whether the servers' clocks agree with this machine's: the collector stamps interactions by its own.</summary>
public static class ClockCheck
{
    private const string Subject = "clock";

    /// <summary>Network and whole seconds make less.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    /// <summary>What is to be said of two servers' clocks against this machine's; null: it told no time, or was not asked.</summary>
    public static IReadOnlyList<Finding> Of(TimeSpan? page, TimeSpan? collector)
    {
        var all = new[] { Of("The clock of the page's server", page), Of("The collector's clock", collector) }.OfType<Finding>().ToList();
        if (all.Count == 2 && (page!.Value - collector!.Value).Duration() <= Tolerance)
        {
            return [Finding.Warning(Subject, $"{Ahead("The servers' clocks are", page.Value)} this machine's", "They agree with each other: set this machine's clock")];
        }

        if (all.Count == 0 && (page ?? collector) is not null)
        {
            var whose = page is null ? "The collector's agrees" : collector is null ? "The one of the page's server agrees" : "Those of the page's server and the collector agree";
            all.Add(Finding.Ok(Subject, $"{whose} with this machine's, to {Shown.Time(Tolerance)}"));
        }

        return all;
    }

    private static Finding? Of(string whose, TimeSpan? ahead) => ahead is not { } difference || difference.Duration() <= Tolerance ? null : Finding.Warning(
        Subject,
        $"{Ahead(whose + " is", difference)} this machine's: one of them is wrong, and the collector stamps interactions by its own",
        "Let both keep their time by NTP");

    private static string Ahead(string whose, TimeSpan difference) => $"{whose} {Shown.Time(difference)} {(difference > TimeSpan.Zero ? "ahead of" : "behind")}";
}
