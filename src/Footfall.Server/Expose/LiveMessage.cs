namespace Footfall.Server.Expose;

/// <summary>A tick of one app's board, made once for all who look at it, and the way to the next one.</summary>
/// <param name="sequence">One more than the one before; two where that can't be followed by a tick.</param>
/// <param name="tick">The event as it is sent; null: the whole is to be sent.</param>
public sealed class LiveMessage(long sequence, byte[]? tick)
{
    private readonly TaskCompletionSource _followed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its number.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>The event as it is sent; null: the whole is to be sent.</summary>
    public byte[]? Tick { get; } = tick;

    /// <summary>Completes when there is another, or the service stops.</summary>
    public Task Followed => _followed.Task;

    /// <summary>There is another, or never will be.</summary>
    public void Follow() => _followed.TrySetResult();
}
