namespace Footfall.Count;

/// <summary>
/// What page views numbered and what of it never came: for each view, from its first record until half an hour later, the
/// numbers below its highest that are missing. A pure function of the records read.
/// </summary>
/// <remarks>
/// A view is taken for new only while it can't have been known and forgotten: two thirds of its time after it began, by its
/// own account, and not if it began in the future by more than the other third. Then whatever comes once it is over finds it
/// too old, also where a browser's clock is behind, or ahead by no more than that third (docs/decisions/0016).
/// </remarks>
/// <param name="maxPlaces">Views, and stretches of missing numbers, that are kept.</param>
/// <param name="seconds">For how long a view is measured.</param>
public sealed class ViewMeter(int maxPlaces, int seconds = ViewMeter.Seconds)
{
    /// <summary>For how long a view is measured: 30 minutes. A page that has a retry to send does so far sooner.</summary>
    public const int Seconds = VisitorWindow.Seconds;

    /// <summary>How far a browser's clock may be ahead: 10 minutes.</summary>
    public const int SecondsAhead = Seconds - (Seconds * 2 / 3);

    /// <summary>
    /// The highest number that is believed: five interactions a second for as long as a view is measured. Each record of a
    /// stranger's can claim as many as unseen.
    /// </summary>
    public const int MaxNumber = 10_000;

    private readonly Dictionary<UInt128, View> _views = [];
    private readonly Queue<View> _byFirst = new();
    private readonly int _newFor = seconds * 2 / 3;
    private readonly int _ahead = seconds - (seconds * 2 / 3);
    private int _stretches;

    /// <summary>Views that began in this second or before are not taken for new: one may have been known.</summary>
    public long NewAfter { get; set; }

    /// <summary>Views that are known.</summary>
    public int Count => _views.Count;

    /// <summary>
    /// Ends the view that has been known for longest, if its time is over; to be called before each <see cref="Add"/>
    /// until none is.
    /// </summary>
    /// <param name="second">The log's time, never less than at the call before.</param>
    /// <param name="app">Whose view.</param>
    /// <param name="unseen">Numbers below its highest that have not come.</param>
    public bool TryEnd(uint second, out string app, out int unseen)
    {
        if (!_byFirst.TryPeek(out var view) || view.Second + (long)seconds > second)
        {
            (app, unseen) = ("", 0);
            return false;
        }

        _byFirst.Dequeue();
        _views.Remove(view.Hash);
        _stretches -= view.Stretches;
        (app, unseen) = (view.App, view.Unseen);
        return true;
    }

    /// <summary>Takes the next numbered record in, repeats included.</summary>
    /// <param name="app">Whose view.</param>
    /// <param name="view">A hash of app and view.</param>
    /// <param name="began">The second when the view began by its own account.</param>
    /// <param name="own">The second when the interaction happened by its own account, of the same clock; negative: not known.</param>
    /// <param name="number">Its place among the view's interactions, from 1.</param>
    /// <param name="second">The log's time.</param>
    /// <returns>How many interactions a bound leaves unmeasured by this.</returns>
    public int Add(string app, UInt128 view, long began, long own, int number, uint second)
    {
        if (!_views.TryGetValue(view, out var known))
        {
            // What is done on an old page is not its beginning, whatever the clocks say.
            if (began <= second - (long)_newFor || began > second + (long)_ahead || own - began > seconds)
            {
                return 0;
            }

            if (began <= NewAfter)
            {
                return 1;
            }

            known = new View(view, app, second);
            _views.Add(view, known);
            _byFirst.Enqueue(known);
        }

        var left = 0;
        if (number > MaxNumber || known.GivenUp)
        {
            left = 1 + GiveUp(known);
        }
        else
        {
            _stretches += known.See(number);
        }

        return _views.Count + _stretches > maxPlaces ? left + Forget(second) : left;
    }

    /// <summary>
    /// Forgets all views and takes none for new that can have begun by now: records are missing, or there were too many.
    /// What is left can be rebuilt without knowing what was forgotten.
    /// </summary>
    /// <param name="second">The log's time.</param>
    /// <returns>How many interactions that leaves unmeasured.</returns>
    public int Forget(uint second)
    {
        var seen = 0;
        foreach (var view in _views.Values)
        {
            seen += view.Seen;
        }

        _views.Clear();
        _byFirst.Clear();
        _stretches = 0;
        NewAfter = Math.Max(NewAfter, second + (long)_ahead);
        return seen;
    }

    /// <summary>
    /// What it takes to rebuild this: the records after one second, read with another as <see cref="NewAfter"/>. A view that
    /// was first seen before them began too early for that, and each that is known now did not.
    /// </summary>
    /// <param name="second">The log's time.</param>
    public (long RecordsAfter, long NewAfter) Rebuild(uint second)
    {
        long oldest = _byFirst.TryPeek(out var view) ? view.Second : second;
        return (oldest - seconds, Math.Max(NewAfter, oldest - _newFor));
    }

    private int GiveUp(View view)
    {
        var seen = view.Seen;
        _stretches -= view.Stretches;
        view.GiveUp();
        return seen;
    }

    /// <summary>A view, with the stretches of numbers that are missing, lowest first: few, where browsers send in order.</summary>
    private sealed class View(UInt128 hash, string app, uint second)
    {
        private List<(int From, int To)>? _missing;
        private int _highest;

        public UInt128 Hash { get; } = hash;

        public string App { get; } = app;

        public uint Second { get; } = second;

        public int Unseen { get; private set; }

        public int Seen => _highest - Unseen;

        public int Stretches => _missing?.Count ?? 0;

        /// <summary>It is kept until it is over, so that it is not taken for new.</summary>
        public bool GivenUp { get; private set; }

        public void GiveUp()
        {
            GivenUp = true;
            _missing = null;
            _highest = Unseen = 0;
        }

        /// <returns>By how many its stretches have grown.</returns>
        public int See(int number)
        {
            if (number > _highest)
            {
                var from = _highest + 1;
                _highest = number;
                if (from == number)
                {
                    return 0;
                }

                Unseen += number - from;
                (_missing ??= []).Add((from, number - 1));
                return 1;
            }

            var place = Find(number);
            return place < 0 ? 0 : Fill(_missing!, place, number);
        }

        private int Fill(List<(int From, int To)> missing, int place, int number)
        {
            Unseen--;
            var (from, to) = missing[place];
            if (from == to)
            {
                missing.RemoveAt(place);
                return -1;
            }

            if (number == from || number == to)
            {
                missing[place] = number == from ? (from + 1, to) : (from, to - 1);
                return 0;
            }

            missing[place] = (from, number - 1);
            missing.Insert(place + 1, (number + 1, to));
            return 1;
        }

        /// <summary>The stretch that has the number; negative: it is not missing.</summary>
        private int Find(int number)
        {
            var (low, high) = (0, Stretches - 1);
            while (low <= high)
            {
                var middle = (low + high) / 2;
                var (from, to) = _missing![middle];
                if (number >= from && number <= to)
                {
                    return middle;
                }

                (low, high) = number < from ? (low, middle - 1) : (middle + 1, high);
            }

            return -1;
        }
    }
}
