using System.Collections.Concurrent;
using Footfall.Log.Kafka;

namespace Footfall.AspNetCore.Log;

/// <summary>
/// Logs what Kafka's clients tell; errors of one client at most every ten seconds, since each try brings some. That a broker
/// can't be reached all of them tell, in several words: that is one error.
/// </summary>
internal sealed partial class KafkaEvents(TimeProvider time, ILogger<KafkaEvents> logger)
{
    // librdkafka's log facility for a connection, and its codes for the same.
    private static readonly string[] Unreachable = ["FAIL: ", "Local_Transport: ", "Local_AllBrokersDown: ", "Local_Resolve: "];

    private readonly ConcurrentDictionary<string, Throttle> _throttles = new(StringComparer.Ordinal);

    /// <summary>An error of theirs is a warning here: they go on trying.</summary>
    public void Tell(KafkaEvent told)
    {
        if (!told.Error)
        {
            Happened(told.Client, told.Text);
        }
        else if (_throttles.GetOrAdd(Unreachable.Any(word => told.Text.StartsWith(word, StringComparison.Ordinal)) ? "" : told.Client, _ => new Throttle(time)).TryTake())
        {
            Failed(told.Client, told.Text);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Kafka {Client}: {Text}")]
    private partial void Failed(string client, string text);

    [LoggerMessage(LogLevel.Debug, "Kafka {Client}: {Text}")]
    private partial void Happened(string client, string text);
}
