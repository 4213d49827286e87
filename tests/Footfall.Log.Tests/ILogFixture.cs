
namespace Footfall.Log.Tests;

/// <summary>One empty log of its own for each test, and what the contract has to know about its adapter.</summary>
public interface ILogFixture : IAsyncDisposable
{
    /// <summary>How many partitions the log has.</summary>
    int Partitions { get; }

    /// <summary>Whether several consumer instances share the partitions.</summary>
    bool SeveralConsumers { get; }

    /// <summary>The longest that something which must come may take: group joins and broker starts included.</summary>
    TimeSpan Patience { get; }

    /// <summary>Opens the collector's side. Closed by <see cref="ReopenAsync"/> or the fixture's own disposal.</summary>
    ValueTask<IInteractionLog> OpenLogAsync();

    /// <summary>Opens an instance of the metrics service. Closed by its test, <see cref="ReopenAsync"/> or the fixture.</summary>
    ValueTask<ILogConsumer> OpenConsumerAsync();

    /// <summary>A restart: closes all that is open. What is opened next sees the same data.</summary>
    ValueTask ReopenAsync();

    /// <summary>
    /// Makes the group take an instance for dead while it believes itself alive, so that its next commit is a
    /// zombie's. False where the adapter has no way to do so.
    /// </summary>
    ValueTask<bool> MakeZombieAsync(ILogConsumer consumer) => new(false);
}
