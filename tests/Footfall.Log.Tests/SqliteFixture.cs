using Footfall.Log.Sqlite;
using Microsoft.Data.Sqlite;

namespace Footfall.Log.Tests;

/// <summary>An embedded log in a directory of its own.</summary>
internal sealed class SqliteFixture(Func<SqliteLogOptions, SqliteLogOptions>? change = null, TimeProvider? time = null) : ILogFixture
{
    private readonly List<ILogConsumer> _consumers = [];
    private SqliteLog? _log;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("footfall-log-").FullName;

    public SqliteLogOptions Options => change is null ? new(Directory) : change(new(Directory));

    public SqliteLog Log => _log ??= SqliteLog.Open(Options, time ?? TimeProvider.System);

    public int Partitions => 1;

    public bool SeveralConsumers => false;

    public TimeSpan Patience => TimeSpan.FromSeconds(20);

    public ValueTask<IInteractionLog> OpenLogAsync() => new(Log);

    public ValueTask<ILogConsumer> OpenConsumerAsync()
    {
        _consumers.Add(Log.OpenConsumer());
        return new(_consumers[^1]);
    }

    /// <summary>A connection of somebody else.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Options.Directory}/footfall.db;Pooling=False");
        connection.Open();
        return connection;
    }

    public async ValueTask ReopenAsync()
    {
        foreach (var consumer in _consumers)
        {
            await consumer.DisposeAsync();
        }

        _consumers.Clear();
        if (_log is not null)
        {
            await _log.DisposeAsync();
            _log = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ReopenAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
