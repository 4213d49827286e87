using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Footfall.Log.Kafka;

/// <summary>The ends of partitions, by the admin client: a read_committed consumer's own query answers with the last stable offset alone.</summary>
internal static class PartitionEnds
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The high watermarks (read uncommitted) or the last stable offsets (read committed). Where one is refused all are asked
    /// for again with fresh leaders: librdkafka's admin client asks the leader that it knows, and neither an answer that another
    /// leads now, nor that there was none when it last looked, makes it look again, for minutes.
    /// </summary>
    /// <exception cref="KafkaException">Not now; it names the partition.</exception>
    public static async Task<List<TopicPartitionOffsetError>> ListAsync(
        IAdminClient admin, IEnumerable<TopicPartition> partitions, IsolationLevel isolation, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var specs = partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = OffsetSpec.Latest() }).ToList();
        for (var isAgain = false; ; isAgain = true)
        {
            try
            {
                var ends = await admin.ListOffsetsAsync(specs, new() { IsolationLevel = isolation, RequestTimeout = timeout });
                return ends.ResultInfos.ConvertAll(end => end.TopicPartitionOffsetError);
            }
            catch (KafkaException) when (!isAgain)
            {
                var topics = specs.Select(spec => spec.TopicPartition.Topic).Distinct(StringComparer.Ordinal).ToList();
                await Task.Run(() => topics.ForEach(topic => admin.GetMetadata(topic, Refresh)), cancellationToken);
            }
            catch (ListOffsetsException error)
            {
                // Its own message names no reason.
                var refused = error.Result.ResultInfos.Select(end => end.TopicPartitionOffsetError).First(end => end.Error.IsError);
                throw new KafkaException(new Error(refused.Error.Code, $"{refused.TopicPartition}: {refused.Error.Reason}"), error);
            }
        }
    }
}
