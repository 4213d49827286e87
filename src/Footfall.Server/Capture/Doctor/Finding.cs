namespace Footfall.Server.Capture.Doctor;

/// <summary>How much what was found matters.</summary>
public enum Level
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Clicks arrive all the same, or it can't be said from here.</summary>
    Warning,

    /// <summary>It keeps clicks from arriving.</summary>
    Wrong,
}

/// <summary>What a check says.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Subject">What was looked at, in a word or two.</param>
/// <param name="Text">What is there, and what that means.</param>
/// <param name="Remedy">What to do; null where there is nothing to do.</param>
public sealed record Finding(Level Level, string Subject, string Text, string? Remedy = null)
{
    /// <summary>As it should be.</summary>
    public static Finding Ok(string subject, string text) => new(Level.Ok, subject, text);

    /// <summary>Clicks arrive all the same, or it can't be said from here.</summary>
    public static Finding Warning(string subject, string text, string? remedy = null) => new(Level.Warning, subject, text, remedy);

    /// <summary>It keeps clicks from arriving.</summary>
    public static Finding Wrong(string subject, string text, string? remedy = null) => new(Level.Wrong, subject, text, remedy);
}
