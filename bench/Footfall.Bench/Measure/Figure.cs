namespace Footfall.Bench.Measure;

/// <summary>One thing that is measured, once in each round.</summary>
/// <param name="Scenario">SOURCE_to_SINK.</param>
/// <param name="Case">What of it: the size of a request, the rate.</param>
/// <param name="What">With its unit.</param>
internal sealed record Figure(string Scenario, string Case, string What)
{
    private readonly List<double> _values = [];

    /// <summary>It has no row of its own: it stands beside another.</summary>
    public bool IsLimit { get; init; }

    /// <summary>What it is compared with, measured in the same rounds.</summary>
    public Figure? Beside { get; set; }

    /// <summary>What the issue asks for; null: nothing.</summary>
    public Target? Target { get; set; }

    public double Median => Quantile(0.5);

    public double Least => Quantile(0);

    public double Most => Quantile(1);

    public bool IsMeasured => _values.Count > 0;

    /// <summary>Of the median of what it is compared with.</summary>
    public double? Part => Beside is { IsMeasured: true } beside && beside.Median != 0 ? Median / beside.Median : null;

    /// <summary>Null where there is no target, or what it needs was not measured.</summary>
    public bool? IsMet => (Target?.Of switch { TargetOf.Part => Part, TargetOf.Most => Most, _ => Median }) is { } value ? Target?.IsMetBy(value) : null;

    public Figure Add(double value)
    {
        _values.Add(value);
        return this;
    }

    public Figure Than(Figure beside)
    {
        Beside = beside;
        return this;
    }

    public Figure Wants(Target target)
    {
        Target = target;
        return this;
    }

    private double Quantile(double share) => _values.Order().ElementAt((int)(share * (_values.Count - 1)));
}

/// <summary>What of a figure has a bound.</summary>
internal enum TargetOf
{
    Median,

    /// <summary>What part the median is of the one beside it.</summary>
    Part,

    /// <summary>The most there ever was.</summary>
    Most,
}

/// <summary>A bound.</summary>
internal sealed record Target(double Bound, bool IsLeast, TargetOf Of)
{
    public static Target AtLeast(double bound) => new(bound, IsLeast: true, TargetOf.Median);

    public static Target AtMost(double bound) => new(bound, IsLeast: false, TargetOf.Median);

    public static Target PartAtLeast(double bound) => new(bound, IsLeast: true, TargetOf.Part);

    public static Target NeverMore(double bound) => new(bound, IsLeast: false, TargetOf.Most);

    public bool IsMetBy(double value) => IsLeast ? value >= Bound : value <= Bound;

    public override string ToString() => $"{(IsLeast ? "≥" : "≤")} {Report.Number(Bound)}{Of switch { TargetOf.Part => " of it", TargetOf.Most => " always", _ => "" }}";
}
