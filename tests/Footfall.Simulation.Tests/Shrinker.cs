namespace Footfall.Simulation;

/// <summary>Makes the plan of a schedule that breaks a promise smaller as long as it breaks the same one.</summary>
internal static class Shrinker
{
    private const int MaxTries = 2_000;

    public static Plan Shrink(Plan plan, Promise promise, Sabotage sabotage)
    {
        var tries = 0;
        var smaller = true;
        while (smaller)
        {
            smaller = false;
            foreach (var candidate in Candidates(plan))
            {
                if (++tries > MaxTries)
                {
                    return plan;
                }

                if (Schedule.Run(candidate, sabotage).Broken?.Promise == promise)
                {
                    plan = candidate;
                    smaller = true;
                    break;
                }
            }
        }

        return plan;
    }

    private static IEnumerable<Plan> Candidates(Plan plan)
    {
        foreach (var faults in Fewer(plan.Faults))
        {
            yield return plan with { Faults = faults };
        }

        foreach (var interactions in Fewer(plan.Interactions))
        {
            yield return plan with { Interactions = interactions };
        }

        if (plan.Instances > 1)
        {
            yield return plan with { Instances = plan.Instances - 1 };
        }

        if (plan.Collectors > 1)
        {
            yield return plan with { Collectors = plan.Collectors - 1 };
        }

        if (plan.Partitions > 1)
        {
            yield return plan with { Partitions = plan.Partitions - 1 };
        }

        if (plan.Lateness + plan.Latency > 0)
        {
            yield return plan with { Lateness = 0, Latency = 0 };
        }
    }

    /// <summary>The list without a half, a quarter and so on down to one.</summary>
    private static IEnumerable<T[]> Fewer<T>(IReadOnlyList<T> list)
    {
        for (var size = list.Count; size > 0; size /= 2)
        {
            for (var from = 0; from < list.Count; from += size)
            {
                yield return [.. list.Take(from), .. list.Skip(from + size)];
            }
        }
    }
}
