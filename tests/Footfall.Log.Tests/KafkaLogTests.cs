namespace Footfall.Log.Tests;

public sealed class KafkaLogTests(KafkaBroker broker) : LogContract
{
    protected override async ValueTask<ILogFixture> CreateFixtureAsync() => await KafkaFixture.CreateAsync(broker);
}
