using System.Text;

namespace Footfall.Capture;

/// <summary>One web application whose interactions are taken, compiled from its options.</summary>
public sealed class App
{
    private readonly OriginRule[] _origins;
    private string? _lastAllowed;

    /// <param name="name">The label <c>app</c>: letters, digits, '_', '-', '.'.</param>
    /// <param name="origins">See <see cref="OriginRule"/>.</param>
    /// <param name="pagePatterns">See <see cref="PageNormaliser"/>.</param>
    /// <param name="writeKey">What its senders must show; null: they need nothing.</param>
    /// <exception cref="FormatException">One of them can't be read; the message names it.</exception>
    public App(string name, IEnumerable<string> origins, IEnumerable<string> pagePatterns, string? writeKey = null)
    {
        if (!IsName(name))
        {
            throw new FormatException($"app name '{name}': must be 1 to 50 letters, digits, '_', '-' or '.'");
        }

        Name = name;
        Utf8Name = Encoding.UTF8.GetBytes(name);
        Source = CloudEvents.SourcePrefix + name;
        Pages = new PageNormaliser(pagePatterns);
        _origins = [.. origins.Select(OriginRule.Parse)];
        Key = writeKey is null ? null : new WriteKey(writeKey);
    }

    /// <summary>The label <c>app</c>.</summary>
    public string Name { get; }

    /// <summary>The name in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8Name { get; }

    /// <summary>The CloudEvents source of its interactions: app and id together are an identity.</summary>
    public string Source { get; }

    /// <summary>Turns its pages into labels.</summary>
    public PageNormaliser Pages { get; }

    /// <summary>What its senders must show; null: nothing.</summary>
    public WriteKey? Key { get; }

    /// <summary>How many of its interactions are taken in a second.</summary>
    public AppLimit Limit { get; init; } = new(int.MaxValue);

    /// <summary>What becomes of interactions that no person did.</summary>
    public BotPolicy Bots { get; init; }

    /// <summary>Whether a page of this origin may send. No origin (curl, a server) may: there is no browser to protect.</summary>
    public bool Allows(string? origin)
    {
        // Nearly all come from one. What is refused is no reason to forget it: CORS asks each app about each origin.
        if (origin is null || origin == Volatile.Read(ref _lastAllowed))
        {
            return true;
        }

        var isAllowed = Array.Exists(_origins, rule => rule.Matches(origin));
        if (isAllowed)
        {
            Volatile.Write(ref _lastAllowed, origin);
        }

        return isAllowed;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 50 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
}

/// <summary>
/// The apps of this collector. They are few: looking one up compares names in turn.
/// </summary>
public sealed class AppTable(IReadOnlyList<App> apps)
{
    /// <summary>All apps, in the order of their names.</summary>
    public IReadOnlyList<App> All { get; } = [.. apps.OrderBy(app => app.Name, StringComparer.Ordinal)];

    /// <summary>The app that an interaction without one belongs to: the only one there is.</summary>
    public App? Default => All.Count == 1 ? All[0] : null;

    /// <summary>The app of this name, or null.</summary>
    public App? Find(ReadOnlySpan<byte> utf8Name)
    {
        foreach (var app in All)
        {
            if (app.Utf8Name.Span.SequenceEqual(utf8Name))
            {
                return app;
            }
        }

        return null;
    }

    /// <summary>Whether any app has a write key. Where none has, keys mean nothing: a proxy's own credentials do no harm.</summary>
    public bool HasKeys => All.Any(app => app.Key is not null);

    /// <summary>Whether a request with this key, or with none, could bring anything for some app.</summary>
    public bool Admits(string? key) =>
        !HasKeys || (key is null ? All.Any(app => app.Key is null) : FindByKey(Encoding.UTF8.GetBytes(key)) is not null);

    /// <summary>The app of this write key, or null; each app's is looked at, so that the time does not tell which it was.</summary>
    public App? FindByKey(ReadOnlySpan<byte> utf8Key)
    {
        App? found = null;
        foreach (var app in All)
        {
            if (app.Key is { } key && key.Is(utf8Key))
            {
                found = app;
            }
        }

        return found;
    }

    /// <summary>Whether any app allows the origin: what CORS asks before the body has been read.</summary>
    public bool AnyAllows(string origin) => All.Any(app => app.Allows(origin));
}
