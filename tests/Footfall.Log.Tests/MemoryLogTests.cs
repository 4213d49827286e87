using Footfall.Testing;

namespace Footfall.Log.Tests;

public sealed class MemoryLogTests : LogContract
{
    protected override ValueTask<ILogFixture> CreateFixtureAsync() =>
        new(new MemoryLogFixture(new MemoryLog(partitions: 4) { Lease = TimeSpan.FromSeconds(2) }));
}
