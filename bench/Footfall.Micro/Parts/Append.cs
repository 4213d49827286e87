using Footfall.Bench;
using Footfall.Capture;
using Footfall.Log;
using Footfall.Log.Sqlite;

namespace Footfall.Micro.Parts;

/// <summary>Log: appends interactions to the embedded one, durably, a hundred a call and four calls at a time.</summary>
internal sealed class Append : Part
{
    public const int Interactions = Calls * Call;

    private const int Calls = 4;
    private const int Call = 100;

    private readonly string _folder = Directory.CreateTempSubdirectory("footfall-micro-").FullName;
    private readonly SqliteLog _log;
    private readonly CapturedBatch _batch = new Interactions().Next(Call, DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly ReadOnlyMemory<LogRecord> _records;
    private readonly Task<AppendResult>[] _appends = new Task<AppendResult>[Calls];

    public Append()
    {
        _log = SqliteLog.Open(new SqliteLogOptions(_folder), TimeProvider.System);
        _records = _batch.Records;
    }

    public override string Name => "append an interaction to the embedded log";

    public override int Operations => Interactions;

    public override async ValueTask RunAsync()
    {
        for (var i = 0; i < Calls; i++)
        {
            _appends[i] = _log.AppendAsync(_records, CancellationToken.None).AsTask();
        }

        foreach (var append in _appends)
        {
            if (await append is not AppendResult.Durable and var result)
            {
                throw new InvalidOperationException($"The log took nothing: {result}");
            }
        }
    }

    public override void Dispose()
    {
        _log.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _batch.Dispose();
        base.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
