using System.Text;

namespace Footfall.Log.Tests;

/// <summary>
/// What every log promises, run against each adapter. An adapter's tests derive from this class, give a fixture, and
/// add what is particular to it.
/// </summary>
public abstract partial class LogContract : IAsyncLifetime
{
    private ILogFixture? _fixture;

    protected ILogFixture Fixture => _fixture ?? throw new InvalidOperationException("Not initialised.");

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract ValueTask<ILogFixture> CreateFixtureAsync();

    public async ValueTask InitializeAsync() => _fixture = await CreateFixtureAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_fixture is not null)
        {
            await _fixture.DisposeAsync();
        }
    }

    protected static LogRecord Record(string key, byte[] value, long time = 1_790_000_000_000) => new(
        Encoding.UTF8.GetBytes(key), value, time, Encoding.UTF8.GetBytes(Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString()), "shop", "click");

    protected static LogRecord Record(string key, string value) => Record(key, Encoding.UTF8.GetBytes(value));

    protected static LogRecord[] Records(string key, IEnumerable<int> numbers) =>
        [.. numbers.Select(number => Record(key, $$"""{"visitor":"{{key}}","n":{{number}}}"""))];

    protected static async Task AppendAsync(IInteractionLog log, params LogRecord[] records) =>
        Assert.Equal(AppendResult.Durable, await log.AppendAsync(records, Token));

    private protected async Task<Follower> FollowAsync(Func<Checkpoint, long?>? begin = null)
    {
        var consumer = await Fixture.OpenConsumerAsync();
        return begin is null
            ? new Follower(consumer, Fixture.Patience)
            : new Follower(consumer, Fixture.Patience) { Begin = begin };
    }

    /// <summary>A consumer that owns every partition.</summary>
    private protected async Task<Follower> FollowAllAsync(Func<Checkpoint, long?>? begin = null)
    {
        var follower = await FollowAsync(begin);
        await follower.UntilOwnedAsync(Fixture.Partitions);
        return follower;
    }

    private static IEnumerable<string> TextsOf(LogRecord[] records) =>
        records.Select(record => Encoding.UTF8.GetString(record.Value.Span));

    private static void AssertTexts(IEnumerable<string> expected, IEnumerable<string> actual) =>
        Assert.Equal(expected, actual, StringComparer.Ordinal);

    private static void AssertDense(Follower follower)
    {
        foreach (var records in follower.Records.Values)
        {
            Assert.Equal(Enumerable.Range(0, records.Count).Select(number => records[0].Position + number), records.Select(record => record.Position));
        }
    }
}
