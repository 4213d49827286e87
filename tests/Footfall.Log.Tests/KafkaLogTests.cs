namespace Footfall.Log.Tests;

public sealed class KafkaLogTests(KafkaBroker broker) : LogContract
{
    // What the mock cluster shows: appends, and one instance's reads. Its groups and transactions answer and hold nothing.
    private static readonly HashSet<string> OnMock = new(StringComparer.Ordinal)
    {
        nameof(Appended_records_are_read_in_their_order),
        nameof(Records_of_one_key_share_a_partition_and_keep_their_order),
        nameof(Positions_are_dense_from_zero),
        nameof(A_value_may_be_long),
        nameof(A_log_that_took_an_append_is_healthy),
        nameof(A_cancelled_append_throws),
        nameof(A_disposed_log_is_unavailable),
    };

    protected override async ValueTask<ILogFixture> CreateFixtureAsync()
    {
        if (!OnMock.Contains(TestContext.Current.TestMethod!.MethodName))
        {
            KafkaBroker.SkipUnlessReal("groups and transactions");
        }

        return await KafkaFixture.CreateAsync(broker);
    }
}
