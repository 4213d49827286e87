namespace Footfall.Simulation;

/// <summary>What one partition's page views numbered and the log does not have, by docs/count.md and with plain sets.</summary>
internal sealed class ViewRecount(Plan plan)
{
    private readonly Dictionary<string, View> _views = new(StringComparer.Ordinal);
    private long _newAfter;

    /// <summary>Those all of whose records were measured.</summary>
    public IEnumerable<(string View, int Unseen)> Whole => _views.Where(pair => pair.Value is { Known: true, Missed: false }).Select(pair => (pair.Key, pair.Value.Unseen));

    private IEnumerable<View> Open => _views.Values.Where(view => view is { Known: true, Over: false });

    /// <returns>What was not seen of each view that is over now.</returns>
    public IReadOnlyList<int> End(long second)
    {
        var ended = Open.Where(view => view.First + plan.ViewSeconds <= second).ToList();
        ended.ForEach(view => view.Over = true);
        return [.. ended.Select(view => view.Unseen).Where(unseen => unseen > 0)];
    }

    public void Add(string name, long own, int number, long second)
    {
        if (!_views.TryGetValue(name, out var view))
        {
            _views.Add(name, view = new View());
        }

        var began = Interaction.TimeOf(name) / 1000;
        if (!view.Known && began > second - (plan.ViewSeconds * 2 / 3) && began <= second + (plan.ViewSeconds / 3)
            && own - began <= plan.ViewSeconds && began > _newAfter)
        {
            (view.Known, view.First) = (true, second);
        }

        if (!view.Known || view.Over)
        {
            view.Missed = true;
            return;
        }

        view.Numbers.Add(number);
        if (Open.Sum(open => 1 + open.Stretches) > plan.MaxViews)
        {
            foreach (var open in Open.ToList())
            {
                open.Over = open.Missed = true;
            }

            _newAfter = second + (plan.ViewSeconds / 3);
        }
    }

    private sealed class View
    {
        public bool Known { get; set; }

        public bool Over { get; set; }

        /// <summary>Not all that came was measured.</summary>
        public bool Missed { get; set; }

        public long First { get; set; }

        public HashSet<int> Numbers { get; } = [];

        public int Unseen => Missing.Count();

        /// <summary>Missing numbers whose next one has come.</summary>
        public int Stretches => Missing.Count(number => Numbers.Contains(number + 1));

        private IEnumerable<int> Missing => Enumerable.Range(1, Numbers.Count == 0 ? 0 : Numbers.Max()).Where(number => !Numbers.Contains(number));
    }
}
