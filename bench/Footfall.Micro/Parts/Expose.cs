using Footfall.Count;
using Footfall.Expose;
using Footfall.Log;

namespace Footfall.Micro.Parts;

/// <summary>Expose: writes <c>/metrics</c> of 10,000 series as text.</summary>
internal sealed class ExposeMany : Part
{
    public const int Documents = 1;

    private const int Series = 10_000;

    private readonly Exposure _exposure;

    public ExposeMany()
    {
        _exposure = new Exposure(new CommittedTotals(["demo"], []), new TotalsLease(null, TimeProvider.System), new ExposeOptions(), TimeProvider.System);
        for (var number = 0; number < Series; number++)
        {
            var key = new SeriesKey(TotalKind.Interactions, "demo", "click", $"Enroll in course {number / 20}", $"/courses/{(char)('a' + (number % 20))}-for-beginners");
            _exposure.Totals.Apply(0, new Total(key.ToText(), number));
            _exposure.Totals.Apply(0, new Total((key with { Kind = TotalKind.Announced }).ToText(), 1));
        }

        _exposure.Publish([], [], 0, 0);
    }

    public override string Name => "write 10,000 series";

    public override int Operations => Documents;

    public override ValueTask RunAsync()
    {
        using var output = new DocumentBuffer();
        MetricsDocument.Write(new MetricsWriter(output, MetricsFormat.Text), _exposure.Current, _exposure, showTotals: true, "1.0.0");
        return ValueTask.CompletedTask;
    }
}
