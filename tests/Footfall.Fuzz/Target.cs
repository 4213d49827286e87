namespace Footfall.Fuzz;

/// <summary>What is given bytes, and keeps its promises for any of them.</summary>
internal abstract class Target(string name)
{
    /// <summary>As long as the collector takes by default.</summary>
    public const int Longest = 1_048_576;

    /// <summary>Longer ones are tried, and not changed again: there is nothing in them that would not be in fewer bytes.</summary>
    public const int LongestKept = 16 * 1024;

    /// <summary>Also of the folder of its corpus.</summary>
    public string Name { get; } = name;

    public virtual int LongestInput => Longest;

    /// <summary>Any exception is something found.</summary>
    /// <exception cref="BrokenPromise">It did not throw, and is wrong all the same.</exception>
    public abstract void Check(byte[] input);
}

/// <summary>What must hold for any input does not hold for one.</summary>
internal sealed class BrokenPromise(string message) : Exception(message)
{
    public static void Unless(bool holds, string message)
    {
        if (!holds)
        {
            throw new BrokenPromise(message);
        }
    }
}
