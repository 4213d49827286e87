using System.Globalization;
using Footfall.Testing;
using Microsoft.Data.Sqlite;

namespace Footfall.Faults;

/// <summary><c>footfall up</c> on SQLite: one process, and where we may mount, a disk of its own that can be filled.</summary>
internal sealed class EmbeddedWorld : World
{
    // Room for the run's data; the rest is taken up by a file when the disk has to be full.
    private const int DiskMegabytes = 512;

    private const string Mount = """mount -t tmpfs -o size="$1",mode=700 footfall-faults "$0" && echo mounted && exec sleep infinity""";
    private static readonly TimeSpan MountPatience = TimeSpan.FromSeconds(10);

    private readonly string _data;
    private KeptProcess? _disk;
    private Service? _service;
    private NetworkLink? _entrance;

    private EmbeddedWorld()
        : base("embedded") => _data = Directory.CreateDirectory(Path.Combine(Folder, "data")).FullName;

    public override int Partitions => 1;

    public override IReadOnlyList<Service> Collectors => _service is null ? [] : [_service];

    public override IReadOnlyList<Service> Metrics => Collectors;

    public override IReadOnlyList<Uri> Entrances => [new($"http://{Address(60)}:7001")];

    /// <summary>The data as we reach them: the disk is mounted for the server alone, and goes with it.</summary>
    private string Data => _disk is null ? _data : $"/proc/{_disk.Id}/root{_data}";

    public static async Task<EmbeddedWorld> StartAsync()
    {
        var world = new EmbeddedWorld();
        try
        {
            await world.MountAsync();
            await world.PrepareAsync();
            await world.StartServicesAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public override string? Lacking(FaultKind kind) =>
        kind == FaultKind.DiskFull && _disk is null ? "a file system can't be mounted here, which takes root" : null;

    public override async Task<string> InflictAsync(PlannedFault fault, Run run)
    {
        switch (fault.Kind)
        {
            case FaultKind.AllKilled:
                await _service!.KillAsync();
                await HoldAsync(fault);
                await _service.StartAsync();
                return _service.Name;

            case FaultKind.FileTailTorn:
                return await TearAsync(fault, run);

            case FaultKind.DiskFull:
                return await FillAsync(fault, run);

            case FaultKind.VisitorsCut:
                if (fault.Cut == Cut.Reset)
                {
                    _entrance!.Cut();
                }
                else
                {
                    _entrance!.StallAnswers();
                }

                await HoldAsync(fault);
                _entrance.Flow();
                return $"visitors from {_service!.Name}, {(fault.Cut == Cut.Reset ? "resets" : "answers lost")}";

            default:
                throw new InvalidOperationException($"{fault.Kind} is not a fault of the embedded log.");
        }
    }

    public override async Task<List<Logged>> ReadLogAsync()
    {
        await _service!.StopAsync();
        using var copy = new Copy(Data, Folder, walBytes: null);
        return copy.Query("select value from interactions order by position", reader => LoggedJson.Read(0, System.Text.Encoding.UTF8.GetBytes(reader.GetString(0))));
    }

    public override Task<List<string>> CheckLogAsync()
    {
        using var copy = new Copy(Data, Folder, walBytes: null);
        return Task.FromResult(copy.Query("pragma integrity_check", reader => reader.GetString(0)).Where(line => line != "ok").ToList());
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _entrance?.Dispose();
        if (_disk is not null)
        {
            await _disk.DisposeAsync();
        }
    }

    private static Task HoldAsync(PlannedFault fault) => Task.Delay(fault.Hold, TimeProvider.System);

    private async Task<string> TearAsync(PlannedFault fault, Run run)
    {
        var random = new Random(fault.Number);
        await _service!.KillAsync();
        var file = Path.Combine(Data, "footfall.db-wal");
        var wal = File.Exists(file) ? Wal.Read(await File.ReadAllBytesAsync(file)) : null;
        var how = "an empty WAL";
        if (wal is not null)
        {
            var isSecret = fault.Other < 3 && await IsSecretAsync(wal, run);
            await using var stream = new FileStream(file, FileMode.Open);
            switch (fault.Other)
            {
                case < 3 when isSecret:
                    wal.Scribble(stream, random, wal.Before + random.NextInt64(0, wal.Committed - wal.Before));
                    how = "the last transaction, of which nobody was told";
                    break;
                case 3:
                    wal.Scribble(stream, random, wal.Committed);
                    how = "garbage after the last transaction";
                    break;
                case 4:
                    wal.Cut(stream, random);
                    how = "cut after the last transaction";
                    break;
                default:
                    wal.AppendHalfAFrame(stream, random);
                    how = "half a frame of the next transaction";
                    break;
            }
        }

        await HoldAsync(fault);
        await _service.StartAsync();
        return $"{_service.Name}, {how}";
    }

    /// <summary>Whether the last transaction held only appends that no client was answered for.</summary>
    private async Task<bool> IsSecretAsync(Wal wal, Run run)
    {
        await run.Load.AnsweredAsync();
        using var with = new Copy(Data, Folder, walBytes: null);
        using var without = new Copy(Data, Folder, wal.Before);
        const string Counted = "select coalesce(max(position), 0) from checkpoints";
        if (with.Query(Counted, reader => reader.GetInt64(0))[0] != without.Query(Counted, reader => reader.GetInt64(0))[0])
        {
            return false;
        }

        var last = without.Query("select coalesce(max(position), -1) from interactions", reader => reader.GetInt64(0))[0];
        var torn = with.Query(string.Create(CultureInfo.InvariantCulture, $"select value ->> 'id' from interactions where position > {last}"), reader => Guid.Parse(reader.GetString(0)));
        return torn.Count > 0 && torn.TrueForAll(id => run.Ledger.All.TryGetValue(id, out var sent) && !sent.IsAccepted);
    }

    private async Task<string> FillAsync(PlannedFault fault, Run run)
    {
        var refused = run.Load.Refused;
        var ballast = Path.Combine(Data, "ballast");
        var bytes = new byte[4096];
        try
        {
            // Written without a buffer, so that the end of the disk is met here; what the server frees meanwhile is taken too.
            await using var file = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            for (var start = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(start) < fault.Hold + TimeSpan.FromSeconds(2);)
            {
                try
                {
                    while (true)
                    {
                        file.Write(bytes);
                    }
                }
                catch (IOException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
                }
            }
        }
        catch (IOException)
        {
            // Closing it can meet the same.
        }

        var told = run.Load.Refused - refused;
        File.Delete(ballast);
        return $"{_service!.Name}, {told} requests were answered 503";
    }

    private async Task MountAsync()
    {
        if (!Here.Has("unshare") || !Here.Has("nsenter"))
        {
            return;
        }

        var log = Path.Combine(Folder, "mount.log");
        var disk = await KeptProcess.StartAsync(
            "unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", Mount, _data, $"{DiskMegabytes}m"], log);
        await Patience.UntilAsync(MountPatience, () => disk.HasExited || (File.Exists(log) && File.ReadAllText(log).Contains("mounted", StringComparison.Ordinal)));
        if (disk.HasExited)
        {
            await disk.DisposeAsync();
        }
        else
        {
            _disk = disk;
        }
    }

    private async Task PrepareAsync()
    {
        var configuration = await WriteConfigurationAsync();
        var collector = new Uri($"http://{Address(10)}:7001");
        var metrics = new Uri($"http://{Address(15)}:7002");
        _entrance = new NetworkLink(new(Address(60), 7001), new(Address(10), 7001));
        var enter = _disk is null ? [] : (string[])["nsenter", "--target", _disk.Id.ToString(CultureInfo.InvariantCulture), "--mount"];
        var command = (string[])[.. enter, Here.Footfall, "up", "--no-prometheus", "--no-grafana", "--config", configuration, "--data", _data];
        _service = new Service("footfall", command[0], command[1..], Path.Combine(Folder, "footfall.log"), new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["FOOTFALL__CAPTURE__LISTEN"] = $"http://{collector.Authority}", ["FOOTFALL__EXPOSE__LISTEN"] = $"http://{metrics.Authority}",
        })
        {
            Collector = collector, Metrics = metrics,
        };
    }

    /// <summary>The database as it would be with so much of its WAL.</summary>
    private sealed class Copy : IDisposable
    {
        private readonly string _folder;
        private readonly SqliteConnection _connection;

        public Copy(string data, string under, long? walBytes)
        {
            _folder = Directory.CreateDirectory(Path.Combine(under, "copy-" + Path.GetRandomFileName())).FullName;
            foreach (var file in Directory.EnumerateFiles(data, "footfall.db*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
            {
                File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
            }

            if (walBytes is { } length)
            {
                using var wal = new FileStream(Path.Combine(_folder, "footfall.db-wal"), FileMode.Open);
                wal.SetLength(length);
            }

            _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(_folder, "footfall.db"), Pooling = false }.ToString());
            _connection.Open();
        }

        public List<T> Query<T>(string sql, Func<SqliteDataReader, T> read)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            while (reader.Read())
            {
                rows.Add(read(reader));
            }

            return rows;
        }

        public void Dispose()
        {
            _connection.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
