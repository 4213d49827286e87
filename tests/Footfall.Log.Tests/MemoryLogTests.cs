using Footfall.Log;
using Footfall.Testing;

namespace Footfall.Log.Tests;

public sealed class MemoryLogTests : LogContract
{
    protected override ValueTask<ILogFixture> CreateFixtureAsync() => new(new MemoryFixture());

    private sealed class MemoryFixture : ILogFixture
    {
        private readonly MemoryLog _log = new(partitions: 4) { Lease = TimeSpan.FromSeconds(2) };
        private readonly List<IAsyncDisposable> _open = [];

        public int Partitions => _log.Partitions;

        public bool SeveralConsumers => true;

        public TimeSpan Patience => TimeSpan.FromSeconds(10);

        public ValueTask<IInteractionLog> OpenLogAsync() => new(Keep(_log.OpenWriter()));

        public ValueTask<ILogConsumer> OpenConsumerAsync() => new(Keep(_log.OpenConsumer()));

        public ValueTask<bool> MakeZombieAsync(ILogConsumer consumer)
        {
            _log.Evict((MemoryLogConsumer)consumer);
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
}
