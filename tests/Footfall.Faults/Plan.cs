namespace Footfall.Faults;

/// <summary>What is done to the system.</summary>
internal enum FaultKind
{
    CollectorKilled,
    MetricsKilled,
    BrokerKilled,
    MetricsFrozen,
    ClientCut,
    BrokersCut,
    VisitorsCut,
    LogTailTorn,
    KilledInRebalance,
    KafkaAway,
    RollingRestart,
    OneOfTwoKilled,
    KafkaDown,
    AllKilled,
    FileTailTorn,
    DiskFull,
}

/// <summary>How a network is cut.</summary>
internal enum Cut
{
    Silent,
    AnswersLost,
    Reset,
}

/// <summary>One fault, wholly decided by the plan's seed.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Victim">Which instance of its kind, from 0.</param>
/// <param name="Other">The other end of a cut, or the other instance.</param>
/// <param name="Cut">How, where a network is cut.</param>
/// <param name="Delay">Begins this long after the step.</param>
/// <param name="Hold">How long until it is healed.</param>
internal sealed record PlannedFault(int Number, FaultKind Kind, int Victim, int Other, Cut Cut, TimeSpan Delay, TimeSpan Hold);

/// <summary>Steps of one fault or two that overlap; after each step the system has to count again.</summary>
internal static class Plan
{
    private const double Pairs = 0.25;

    // Long ones, of which a hundred faults have one each.
    private const int RareEvery = 100;

    // How often each kind is in the deck. Every kind comes once before any comes again.
    private static readonly (FaultKind Kind, int Cards)[] KafkaDeck =
    [
        (FaultKind.MetricsKilled, 4), (FaultKind.BrokerKilled, 3), (FaultKind.CollectorKilled, 3), (FaultKind.MetricsFrozen, 2),
        (FaultKind.ClientCut, 4), (FaultKind.BrokersCut, 2), (FaultKind.VisitorsCut, 1), (FaultKind.LogTailTorn, 2),
        (FaultKind.KilledInRebalance, 2), (FaultKind.KafkaAway, 2), (FaultKind.RollingRestart, 1),
    ];

    private static readonly (FaultKind Kind, int Cards)[] EmbeddedDeck =
    [
        (FaultKind.AllKilled, 3), (FaultKind.FileTailTorn, 3), (FaultKind.DiskFull, 2), (FaultKind.VisitorsCut, 1),
    ];

    public static List<PlannedFault[]> Kafka(int seed, int count, int first, FaultKind? only) => Make(new Random(seed), KafkaDeck, RareOfKafka, count, first, only);

    public static List<PlannedFault[]> Embedded(int seed, int count, int first, FaultKind? only) => Make(new Random(seed ^ 0x5EED), EmbeddedDeck, _ => null, count, first, only);

    /// <summary>The one log that has a kind, as <c>--only</c> names it; null where both have.</summary>
    public static string? LogOf(FaultKind kind) =>
        kind == FaultKind.VisitorsCut ? null : Array.Exists(EmbeddedDeck, card => card.Kind == kind) ? "embedded" : "kafka";

    private static FaultKind? RareOfKafka(int place) => (place % RareEvery) switch
    {
        RareEvery / 2 => FaultKind.OneOfTwoKilled,
        0 => FaultKind.KafkaDown,
        _ => null,
    };

    private static List<PlannedFault[]> Make(
        Random random, (FaultKind Kind, int Cards)[] kinds, Func<int, FaultKind?> rare, int count, int first, FaultKind? only)
    {
        var deck = new Queue<FaultKind>();
        Deal(1);
        var steps = new List<PlannedFault[]>();
        for (var number = first; number < first + count;)
        {
            var fault = One(random, number, only ?? Rare(number) ?? Next());
            number++;
            if (number < first + count && only is null && Rare(number) is null && random.NextDouble() < Pairs && IsLocal(fault.Kind) && Peek() is var kind && IsLocal(kind) && kind != fault.Kind)
            {
                var other = One(random, number++, Next());
                steps.Add([fault, other with { Delay = fault.Hold * random.NextDouble() }]);
            }
            else
            {
                steps.Add([fault]);
            }
        }

        return steps;

        FaultKind? Rare(int number) => rare(number - first + 1);

        FaultKind Peek()
        {
            if (deck.Count == 0)
            {
                Deal(int.MaxValue);
            }

            return deck.Peek();
        }

        FaultKind Next()
        {
            Peek();
            return deck.Dequeue();
        }

        void Deal(int most)
        {
            var cards = kinds.SelectMany(kind => Enumerable.Repeat(kind.Kind, Math.Min(kind.Cards, most))).ToArray();
            random.Shuffle(cards);
            foreach (var card in cards)
            {
                deck.Enqueue(card);
            }
        }
    }

    private static PlannedFault One(Random random, int number, FaultKind kind)
    {
        var (least, most) = kind switch
        {
            FaultKind.MetricsFrozen => (7.0, 9.0),       // past the session of 6 s
            FaultKind.MetricsKilled => (0.2, 8.0),       // back before the session is over, or after
            FaultKind.KafkaAway => (3.0, 8.0),
            FaultKind.KafkaDown => (60.0, 60.0),
            FaultKind.OneOfTwoKilled => (0.0, 0.0),      // until the other has taken over
            FaultKind.ClientCut or FaultKind.BrokersCut => (1.0, 7.0),
            _ => (0.2, 3.0),
        };
        return new(number, kind, random.Next(6), random.Next(6), (Cut)random.Next(3), TimeSpan.Zero,
            TimeSpan.FromMilliseconds(1_000 * (least + (random.NextDouble() * (most - least)))));
    }

    /// <summary>Strikes one process or one link, so that another fault may strike elsewhere meanwhile.</summary>
    private static bool IsLocal(FaultKind kind) => kind is FaultKind.CollectorKilled or FaultKind.MetricsKilled or FaultKind.BrokerKilled
        or FaultKind.MetricsFrozen or FaultKind.ClientCut or FaultKind.BrokersCut or FaultKind.VisitorsCut;
}
