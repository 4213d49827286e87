namespace Footfall.Faults;

/// <summary>One line of <c>footfall_interactions_total</c>.</summary>
internal readonly record struct Series(string App, string Type, string Target, string Page);

/// <summary>What a client sent, and whether it was ever told 202.</summary>
internal sealed class Sent(Guid id, Series series, decimal? value, string visitor)
{
    private volatile bool _accepted;

    public Guid Id => id;

    public Series Series => series;

    public decimal? Value => value;

    public string Visitor => visitor;

    public bool IsAccepted
    {
        get => _accepted;
        set => _accepted = value;
    }
}

/// <summary>What a client sent at once, and to which collectors, which are numbered from 0. Written by its client alone.</summary>
internal sealed class Request(IReadOnlyList<Sent> batch)
{
    private readonly HashSet<int> _tried = [];
    private readonly HashSet<int> _acceptedBy = [];

    public IReadOnlyList<Sent> Batch => batch;

    /// <summary>Those that may have it.</summary>
    public IReadOnlySet<int> Tried => _tried;

    /// <summary>Those that have it for certain.</summary>
    public IReadOnlySet<int> AcceptedBy => _acceptedBy;

    public void Try(int collector) => _tried.Add(collector);

    public void Accept(int collector) => _acceptedBy.Add(collector);
}

/// <summary>The clients' own account of all that they sent.</summary>
internal sealed class Ledger(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Sent> _sent = [];
    private readonly List<Request> _requests = [];
    private readonly List<(long UnixMilliseconds, int Sent)> _history = [];
    private int _accepted;

    /// <summary>How many different interactions were ever sent; counted before they leave.</summary>
    public int SentCount
    {
        get
        {
            lock (_lock)
            {
                return _sent.Count;
            }
        }
    }

    /// <summary>How many of them have been answered with 202.</summary>
    public int AcceptedCount => Volatile.Read(ref _accepted);

    public IReadOnlyDictionary<Guid, Sent> All => _sent;

    /// <summary>In an order that is each client's.</summary>
    public IReadOnlyList<Request> Requests => _requests;

    public void Send(Request request)
    {
        lock (_lock)
        {
            _requests.Add(request);
            foreach (var one in request.Batch)
            {
                _sent.TryAdd(one.Id, one);
            }

            _history.Add((time.GetUtcNow().ToUnixTimeMilliseconds(), _sent.Count));
        }
    }

    public void Accept(IEnumerable<Sent> batch)
    {
        lock (_lock)
        {
            foreach (var one in batch.Where(one => !one.IsAccepted))
            {
                one.IsAccepted = true;
                _accepted++;
            }
        }
    }

    /// <summary>How many had been sent by then.</summary>
    public int SentBy(long unixMilliseconds)
    {
        lock (_lock)
        {
            var (low, high) = (0, _history.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = _history[middle].UnixMilliseconds <= unixMilliseconds ? (middle + 1, high) : (low, middle);
            }

            return low == 0 ? 0 : _history[low - 1].Sent;
        }
    }
}
