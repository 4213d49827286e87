namespace Footfall.Micro.Parts;

/// <summary>A part of the way of an interaction, to be run again and again.</summary>
internal abstract class Part : IDisposable
{
    /// <summary>As <c>bench/budgets.json</c> calls it.</summary>
    public abstract string Name { get; }

    /// <summary>How many operations one run does.</summary>
    public abstract int Operations { get; }

    /// <summary>Does that many.</summary>
    public abstract ValueTask RunAsync();

    public virtual void Dispose()
    {
    }
}
