using System.Collections.Concurrent;
using Footfall.Log.Kafka;

namespace Footfall.Server.Log;

/// <summary>Logs what Kafka's clients tell; errors of one client at most every ten seconds, since each try brings some.</summary>
public sealed partial class KafkaEvents(TimeProvider time, ILogger<KafkaEvents> logger)
{
    private readonly ConcurrentDictionary<string, Throttle> _throttles = new(StringComparer.Ordinal);

    /// <summary>An error of theirs is a warning here: they go on trying.</summary>
    public void Tell(KafkaEvent told)
    {
        if (!told.Error)
        {
            Happened(told.Client, told.Text);
        }
        else if (_throttles.GetOrAdd(told.Client, _ => new Throttle(time)).TryTake())
        {
            Failed(told.Client, told.Text);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Kafka {Client}: {Text}")]
    private partial void Failed(string client, string text);

    [LoggerMessage(LogLevel.Debug, "Kafka {Client}: {Text}")]
    private partial void Happened(string client, string text);
}
