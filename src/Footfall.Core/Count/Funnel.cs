using System.Globalization;
using System.Text;

namespace Footfall.Count;

/// <summary>The way that a visitor of an app is hoped to take, step after step, within some time.</summary>
public sealed class Funnel
{
    /// <summary>Steps of a funnel: each is a series, and compared with every interaction of the app.</summary>
    public const int MaxSteps = 8;

    /// <summary>Funnels of an app; the same reason.</summary>
    public const int MaxOfApp = 8;

    /// <summary>Funnels in all: of as many apps as a partition counts. They are numbered in 16 bits.</summary>
    public const int MaxInAll = MaxOfApp * PartitionCount.MaxApps;

    /// <summary>Steps are apart by seconds at least.</summary>
    public static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(1);

    /// <summary>A rebuild reads up to four of them again.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromSeconds(VisitorWindow.Seconds);

    private readonly FunnelStep[] _steps;

    /// <param name="app">The label <c>app</c>.</param>
    /// <param name="name">The label <c>funnel</c>: 1 to 50 letters, digits, '_', '-', '.'.</param>
    /// <param name="steps">Their texts in order, see <see cref="FunnelStep"/>.</param>
    /// <param name="window">In whole seconds.</param>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public Funnel(string app, string name, IReadOnlyList<string> steps, TimeSpan window)
    {
        if (Faults(name, steps, window).FirstOrDefault() is { } fault)
        {
            throw new FormatException(fault);
        }

        (App, Name, Window) = (app, name, window);
        _steps = [.. steps.Select(step => new FunnelStep(step))];
    }

    /// <summary>The label <c>app</c>.</summary>
    public string App { get; }

    /// <summary>The label <c>funnel</c>.</summary>
    public string Name { get; }

    /// <summary>In order.</summary>
    public IReadOnlyList<FunnelStep> Steps => _steps;

    /// <summary>How long after its first step an attempt may reach others.</summary>
    public TimeSpan Window { get; }

    /// <summary>The default: a page is seen, and both buttons pressed.</summary>
    public static Funnel Enroll(string app) => new(app, "enroll", ["view", "Enroll Now", "Buy Now"], LongestWindow);

    /// <summary>All that is wrong with what is to be a funnel.</summary>
    public static IEnumerable<string> Faults(string name, IReadOnlyList<string> steps, TimeSpan window)
    {
        if (name.Length is 0 or > 50 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            yield return $"the name '{name}' must be 1 to 50 letters, digits, '_', '-' or '.'";
        }

        if (steps.Count is < 2 or > MaxSteps)
        {
            yield return $"it has {steps.Count} steps: must be from 2 to {MaxSteps}";
        }

        foreach (var same in steps.GroupBy(step => step, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return $"step '{same.Key}' is there {same.Count()} times: they would be one series";
        }

        foreach (var step in steps)
        {
            string? fault = null;
            try
            {
                _ = new FunnelStep(step);
            }
            catch (FormatException e)
            {
                fault = e.Message;
            }

            if (fault is not null)
            {
                yield return fault;
            }
        }

        if (window < ShortestWindow || window > LongestWindow || window.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            yield return $"Window is {window}: must be whole seconds, from {ShortestWindow} to {LongestWindow}";
        }
    }

    /// <summary>The steps that the interaction is, one bit each, the first the lowest.</summary>
    public uint Matches(in LoggedInteraction interaction)
    {
        var matches = 0u;
        for (var i = 0; i < _steps.Length; i++)
        {
            matches |= _steps[i].Matches(interaction) ? 1u << i : 0;
        }

        return matches;
    }

    /// <summary>
    /// Tells these funnels from others, the same in every process: progress in one means nothing in another. "" for none.
    /// </summary>
    public static string Fingerprint(IReadOnlyCollection<Funnel> funnels)
    {
        if (funnels.Count == 0)
        {
            return "";
        }

        var text = new StringBuilder();
        foreach (var funnel in funnels.OrderBy(funnel => funnel.App, StringComparer.Ordinal).ThenBy(funnel => funnel.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{funnel.App}\n{funnel.Name}\n{funnel.Window.TotalSeconds}\n");
            text.AppendJoin('\n', funnel.Steps.Select(step => step.Name)).Append("\n\n");
        }

        return new SipHash(0, 0).Hash(Encoding.UTF8.GetBytes(text.ToString())).ToString("x32", CultureInfo.InvariantCulture);
    }
}
