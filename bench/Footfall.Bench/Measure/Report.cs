using System.Globalization;

namespace Footfall.Bench.Measure;

/// <summary>The one table.</summary>
internal sealed class Report
{
    private readonly List<Figure> _figures = [];
    private readonly List<string> _notes = [];

    /// <summary>Scenarios whose own result was not right, or that could not go on.</summary>
    public int Failures { get; private set; }

    /// <summary>The figure of that name, made where it is not there yet; scenarios, cases and figures stand in the order in which they were first asked for.</summary>
    public Figure this[string scenario, string @case, string what] => Find(scenario, @case, what, isLimit: false);

    /// <summary>One that has no row of its own: it stands beside another.</summary>
    public Figure Limit(string scenario, string @case, string what) => Find(scenario, @case, what, isLimit: true);

    public void Skip(string scenario, string reason) => _notes.Add($"{scenario}: skipped, {reason}");

    public void Fail(string scenario, string reason)
    {
        Failures++;
        _notes.Add($"{scenario}: FAILED: {reason}");
    }

    public void Note(string text) => _notes.Add(text);

    public void Write(TextWriter output)
    {
        output.WriteLine("| scenario | case | figure | median | least | most | beside it | part of it | target | met |");
        output.WriteLine("|---|---|---|--:|--:|--:|---|--:|--:|---|");
        foreach (var figure in Ordered().Where(figure => figure is { IsMeasured: true, IsLimit: false }))
        {
            var beside = figure.Beside is { IsMeasured: true } other ? $"{(other.Scenario == figure.Scenario ? other.Case : other.Scenario)}, {other.What}: {Number(other.Median)}" : "";
            output.WriteLine(
                $"| {figure.Scenario} | {figure.Case} | {figure.What} | {Number(figure.Median)} | {Number(figure.Least)} | {Number(figure.Most)} | {beside} "
                + $"| {(figure.Part is { } part ? part.ToString("0.00", CultureInfo.InvariantCulture) : "")} | {figure.Target} | {figure.IsMet switch { true => "yes", false => "**no**", null => "" }} |");
        }

        foreach (var note in _notes)
        {
            output.WriteLine();
            output.WriteLine(note);
        }
    }

    private Figure Find(string scenario, string @case, string what, bool isLimit)
    {
        var figure = _figures.Find(figure => figure.Scenario == scenario && figure.Case == @case && figure.What == what);
        if (figure is null)
        {
            _figures.Add(figure = new Figure(scenario, @case, what) { IsLimit = isLimit });
        }

        return figure;
    }

    private IEnumerable<Figure> Ordered() => _figures
        .GroupBy(figure => figure.Scenario, StringComparer.Ordinal)
        .SelectMany(scenario => scenario.GroupBy(figure => figure.Case, StringComparer.Ordinal).SelectMany(@case => @case));

    /// <summary>Three digits that say something.</summary>
    public static string Number(double value) => value.ToString(
        Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.#", >= 1 => "0.##", _ => "0.###" }, CultureInfo.InvariantCulture);
}
