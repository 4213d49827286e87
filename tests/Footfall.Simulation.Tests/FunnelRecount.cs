namespace Footfall.Simulation;

/// <summary>How far one partition's visitors came in funnels, by docs/count.md and with all that they ever did.</summary>
internal sealed class FunnelRecount(Plan plan)
{
    private readonly Dictionary<(int Funnel, string Visitor), Way> _ways = [];

    /// <summary>How often the last step of a funnel was reached.</summary>
    public int Completed { get; private set; }

    /// <summary>Takes the next interaction in that is no repeat.</summary>
    /// <returns>The steps that it reaches.</returns>
    public IReadOnlyList<(string Funnel, string Step)> Add(string visitor, string type, string target, long second)
    {
        var reached = new List<(string, string)>();
        for (var number = 0; number < plan.Funnels.Count && visitor.Length > 0; number++)
        {
            var funnel = plan.Funnels[number];
            var matches = funnel.Steps.Select(step => step == (step == "click" ? type : target)).ToArray();
            var way = _ways.GetValueOrDefault((number, visitor));
            var isKnown = way is not null && way.Firsts[^1] + funnel.Seconds >= second;
            if (matches[0] && !isKnown)
            {
                if (_ways.Count(other => other.Value.Firsts[^1] + plan.Funnels[other.Key.Funnel].Seconds >= second) >= plan.MaxFunnelVisitors)
                {
                    _ways.Clear();
                    break;
                }

                // A pause: what was before does not matter.
                _ways[(number, visitor)] = way = new Way();
            }

            if (way?.Do(matches, second, funnel.Seconds) is >= 0 and var step)
            {
                reached.Add((funnel.Name, funnel.Steps[step]));
                Completed += step == funnel.Steps.Length - 1 ? 1 : 0;
            }
        }

        return reached;
    }

    /// <summary>A visitor's way through a funnel since their last pause.</summary>
    private sealed class Way
    {
        private long? _began;
        private int _next;

        /// <summary>When they did the first step.</summary>
        public List<long> Firsts { get; } = [];

        /// <returns>The step reached, from 0, or -1.</returns>
        public int Do(bool[] matches, long second, long window)
        {
            if (second > _began + window)
            {
                _began = null;
            }

            if (matches[0])
            {
                var clock = second - (second % window);
                var goesThroughTheClock = Firsts.Count > 0 && Firsts[0] < clock - window && Firsts[^1] < clock;
                Firsts.Add(second);
                if (_began is null || goesThroughTheClock)
                {
                    (_began, _next) = (second, 1);
                    return 0;
                }
            }

            if (_began is null || !matches[_next])
            {
                return -1;
            }

            var reached = _next++;
            _began = _next == matches.Length ? null : _began;
            return reached;
        }
    }
}
