namespace Footfall.Faults;

/// <summary>
/// The order of each visitor's interactions in the log. What a collector has accepted is there before what the same
/// visitor sent later and to that collector alone. The first occurrence of an id counts: what was not answered is sent
/// again, and may be there again. There is no such promise for what was sent to several collectors, each with a spool of
/// its own, nor within a request.
/// </summary>
internal sealed class OrderVerdict
{
    private const int MostExamples = 20;
    private readonly List<string> _violations = [];

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>How often there was something before that had to be there before.</summary>
    public int Judged { get; private set; }

    /// <param name="requests">A visitor's in the order in which they were sent, each after the one before was answered or given up.</param>
    /// <param name="log">Those of a partition in their order.</param>
    public static OrderVerdict Of(IEnumerable<Request> requests, IReadOnlyList<Logged> log)
    {
        var verdict = new OrderVerdict();
        verdict.Judge(requests, verdict.Places(log));
        return verdict;
    }

    /// <summary>Where each id is first.</summary>
    private Dictionary<Guid, int> Places(IReadOnlyList<Logged> log)
    {
        var places = new Dictionary<Guid, int>();
        var partitions = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var place = 0; place < log.Count; place++)
        {
            places.TryAdd(log[place].Id, place);
            if (!partitions.TryAdd(log[place].Visitor, log[place].Partition) && partitions[log[place].Visitor] is var other && other != log[place].Partition)
            {
                Violate($"{log[place].Id} of {log[place].Visitor} is in partition {log[place].Partition}, and others of that visitor are in {other}");
            }
        }

        return places;
    }

    private void Judge(IEnumerable<Request> requests, Dictionary<Guid, int> places)
    {
        var accepted = new Dictionary<(string Visitor, int Collector), (int Place, Guid Id)>();
        foreach (var request in requests)
        {
            foreach (var visitor in request.Batch.Where(one => places.ContainsKey(one.Id)).GroupBy(one => one.Visitor, StringComparer.Ordinal))
            {
                var first = visitor.MinBy(one => places[one.Id])!;
                if (request.Tried.Count == 1 && accepted.TryGetValue((visitor.Key, request.Tried.Single()), out var before))
                {
                    Judged++;
                    if (places[first.Id] < before.Place)
                    {
                        Violate($"{first.Id} of {visitor.Key} is in the log before {before.Id}, which collector {request.Tried.Single() + 1} had accepted before it was sent");
                    }
                }

                var last = visitor.MaxBy(one => places[one.Id])!;
                foreach (var collector in request.AcceptedBy)
                {
                    var key = (visitor.Key, collector);
                    if (!accepted.TryGetValue(key, out var known) || known.Place < places[last.Id])
                    {
                        accepted[key] = (places[last.Id], last.Id);
                    }
                }
            }
        }
    }

    private void Violate(string what)
    {
        if (_violations.Count < MostExamples)
        {
            _violations.Add(what);
        }
    }
}
