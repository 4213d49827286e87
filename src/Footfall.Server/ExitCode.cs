namespace Footfall.Server;

/// <summary>What a command ends with.</summary>
public static class ExitCode
{
    /// <summary>It did what it should, or was asked to stop.</summary>
    public const int Done = 0;

    /// <summary>It failed while it ran.</summary>
    public const int Failed = 1;

    /// <summary>An option or the configuration can't be used.</summary>
    public const int Usage = 2;

    /// <summary>It could not start: a port is taken, the log can't be opened.</summary>
    public const int NotStarted = 3;
}

/// <summary>A service or a program beside it could not start; the message is one line for people.</summary>
public sealed class StartException(string message) : Exception(message);
