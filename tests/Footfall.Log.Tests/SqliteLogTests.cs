namespace Footfall.Log.Tests;

public sealed class SqliteLogTests : LogContract
{
    protected override ValueTask<ILogFixture> CreateFixtureAsync() => new(new SqliteFixture());
}
