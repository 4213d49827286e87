using Footfall.Testing;

namespace Footfall.Log.Tests;

internal sealed class MemoryLogFixture(MemoryLog log) : ILogFixture
{
    private readonly List<IAsyncDisposable> _open = [];

    public int Partitions => log.Partitions;

    public bool SeveralConsumers => true;

    public TimeSpan Patience => TimeSpan.FromSeconds(10);

    public ValueTask<IInteractionLog> OpenLogAsync() => new(Keep(log.OpenWriter()));

    public ValueTask<ILogConsumer> OpenConsumerAsync() => new(Keep(log.OpenConsumer()));

    public ValueTask<bool> MakeZombieAsync(ILogConsumer consumer)
    {
        log.Evict((MemoryLogConsumer)consumer);
        return new(true);
    }

    public async ValueTask ReopenAsync()
    {
        foreach (var open in _open)
        {
            await open.DisposeAsync();
        }

        _open.Clear();
    }

    public ValueTask DisposeAsync() => ReopenAsync();

    private T Keep<T>(T opened)
        where T : IAsyncDisposable
    {
        _open.Add(opened);
        return opened;
    }
}
