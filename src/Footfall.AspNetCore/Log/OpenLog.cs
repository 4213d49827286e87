using Footfall.Capture;
using Footfall.Log;
using Footfall.Log.Kafka;
using Footfall.Log.Sqlite;

namespace Footfall.AspNetCore.Log;

/// <summary>The log that the configuration names, opened for writing, reading or both.</summary>
internal sealed class OpenLog : IAsyncDisposable
{
    /// <summary>How long a start waits for Kafka before it gives up with a line that says so.</summary>
    private static readonly TimeSpan KafkaPatience = TimeSpan.FromSeconds(30);

    /// <summary>The same where a spool takes what comes meanwhile: nobody is answered before.</summary>
    private static readonly TimeSpan SpoolPatience = TimeSpan.FromSeconds(1);

    private readonly IInteractionLog? _writer;
    private readonly ILogConsumer? _consumer;

    private OpenLog(string description, IInteractionLog? writer, ILogConsumer? consumer) =>
        (Description, _writer, _consumer) = (description, writer, consumer);

    /// <summary>Which log it is, for people.</summary>
    public string Description { get; }

    /// <summary>For the collector.</summary>
    public IInteractionLog Writer => _writer ?? throw new InvalidOperationException("the log is open for reading alone");

    /// <summary>For the metrics service.</summary>
    public ILogConsumer Consumer => _consumer ?? throw new InvalidOperationException("the log is open for writing alone");

    /// <exception cref="LogException">It can't be opened.</exception>
    public static Task<OpenLog> ForWritingAsync(FootfallOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        OpenAsync(options, write: true, read: false, time, loggers, cancellationToken);

    /// <exception cref="LogException">It can't be opened, or another metrics service reads the embedded one.</exception>
    public static Task<OpenLog> ForReadingAsync(FootfallOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        OpenAsync(options, write: false, read: true, time, loggers, cancellationToken);

    /// <exception cref="LogException">It can't be opened, or another metrics service reads the embedded one.</exception>
    public static Task<OpenLog> ForBothAsync(FootfallOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        OpenAsync(options, write: true, read: true, time, loggers, cancellationToken);

    /// <summary>The embedded log that the configuration names.</summary>
    public static SqliteLogOptions EmbeddedOptions(FootfallOptions options) => new(Path.GetFullPath(options.Data))
    {
        MaxBytes = options.Log.MaxFileBytes,
        QueueBytes = options.Log.MaxQueueBytes,
        Retention = options.Log.Retention,
    };

    /// <summary>The Kafka log that the configuration names.</summary>
    /// <exception cref="OptionsException">It can't be used.</exception>
    public static KafkaLogOptions KafkaOptions(FootfallOptions options)
    {
        var section = options.Log.Kafka;
        var kafka = new KafkaLogOptions
        {
            BootstrapServers = section.BootstrapServers!,
            InteractionsTopic = section.InteractionsTopic,
            TotalsTopic = section.TotalsTopic,
            Partitions = section.Partitions,
            ReplicationFactor = section.ReplicationFactor,
            Retention = options.Log.Retention,
            Group = section.Group,
            Instance = section.Instance ?? $"{Environment.MachineName}-{new Uri(options.Expose.Listen).Port}",
            Lease = section.Lease,
            QueueBytes = options.Log.MaxQueueBytes,
            Producer = section.Producer,
            Consumer = section.Consumer,
        };
        var errors = kafka.Errors() is { Count: > 0 } wrong ? wrong : kafka.Refused();
        if (errors.Count > 0)
        {
            throw new OptionsException(string.Join('\n', errors.Select(error => "Log:Kafka: " + error)));
        }

        return kafka;
    }

    /// <summary>Which log it is, for people.</summary>
    public static string Describe(SqliteLogOptions options) => $"embedded, {Path.Combine(options.Directory, "footfall.db")}";

    /// <inheritdoc cref="Describe(SqliteLogOptions)"/>
    public static string Describe(KafkaLogOptions options) => $"Kafka at {options.BootstrapServers}, topic {options.InteractionsTopic}";

    /// <summary>Closes the reading side first: it may write a last commit.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_consumer is not null)
        {
            await _consumer.DisposeAsync();
        }

        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }
    }

    private static Task<OpenLog> OpenAsync(FootfallOptions options, bool write, bool read, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        options.Log.Kafka.BootstrapServers is null
            ? Task.FromResult(OpenEmbedded(options, read, time))
            : OpenKafkaAsync(options, write, read, time, loggers, cancellationToken);

    private static OpenLog OpenEmbedded(FootfallOptions options, bool read, TimeProvider time)
    {
        var embedded = EmbeddedOptions(options);
        var log = SqliteLog.Open(embedded, time);
        return new OpenLog(Describe(embedded), log, read ? log.OpenConsumer() : null);
    }

    private static async Task<OpenLog> OpenKafkaAsync(FootfallOptions options, bool write, bool read, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        var kafka = KafkaOptions(options);
        var events = new KafkaEvents(time, loggers.CreateLogger<KafkaEvents>());
        var spoolDirectory = Path.Combine(Path.GetFullPath(options.Data), "spool");

        // A collector that has run before goes on without Kafka; at the first start a wrong address shows at once.
        var mayStartWithout = write && Directory.Exists(spoolDirectory);
        var isReady = false;
        try
        {
            await KafkaTopics.EnsureAsync(kafka, mayStartWithout ? SpoolPatience : KafkaPatience, events.Tell, time, cancellationToken);
            isReady = true;
        }
        catch (LogException error) when (mayStartWithout && error is not UnfitTopicsException)
        {
            // Later, before the spool is forwarded.
        }

        return new OpenLog(
            Describe(kafka),
            write ? OpenSpooled(options, kafka, spoolDirectory, !isReady, events, new SpoolEvents(time, loggers.CreateLogger<SpoolEvents>()), time) : null,
            read ? new KafkaLogConsumer(kafka, events.Tell, time) : null);
    }

    private static SpooledLog OpenSpooled(
        FootfallOptions options, KafkaLogOptions kafka, string directory, bool ensure, KafkaEvents kafkaEvents, SpoolEvents events, TimeProvider time)
    {
        var spool = SqliteLog.Open(
            new SqliteLogOptions(directory)
            {
                MaxBytes = options.Log.Kafka.MaxSpoolBytes,
                MaxBytesKey = "Log:Kafka:MaxSpoolBytes",
                Reader = "collector",
                QueueBytes = options.Log.MaxQueueBytes,
                Retention = TimeSpan.Zero,
            },
            time);
        var spooled = new Spool(spool, spool.OpenConsumer(), StoredRecord.Restore, () => spool.UsedBytes);
        return new SpooledLog(
            new KafkaInteractionLog(kafka, kafkaEvents.Tell),
            spooled,
            cancellationToken => ensure
                // A stop does not wait for the answer to a request.
                ? KafkaTopics.EnsureAsync(kafka, TimeSpan.Zero, kafkaEvents.Tell, time, cancellationToken).WaitAsync(cancellationToken)
                : Task.CompletedTask,
            new SpoolOptions { Patience = options.Log.Kafka.SpoolAfter, MaxBytes = options.Log.Kafka.MaxSpoolBytes },
            time,
            events);
    }
}
