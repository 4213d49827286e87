using Footfall.Log.Kafka;

namespace Footfall.Server.Log;

/// <summary>Logs what Kafka's clients tell.</summary>
public sealed partial class KafkaEvents(ILogger<KafkaEvents> logger)
{
    /// <summary>An error of theirs is a warning here: they go on trying.</summary>
    public void Tell(KafkaEvent told)
    {
        if (told.Error)
        {
            Failed(told.Client, told.Text);
        }
        else
        {
            Happened(told.Client, told.Text);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Kafka {Client}: {Text}")]
    private partial void Failed(string client, string text);

    [LoggerMessage(LogLevel.Information, "Kafka {Client}: {Text}")]
    private partial void Happened(string client, string text);
}
