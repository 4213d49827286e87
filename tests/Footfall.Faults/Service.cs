using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>One process of Footfall that is meant to run; started again when it ends by itself, as a supervisor would.</summary>
internal sealed class Service(string name, string program, IReadOnlyList<string> arguments, string log, IReadOnlyDictionary<string, string> environment)
    : IAsyncDisposable
{
    private const int CouldNotStart = 3;
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(40);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private KeptProcess? _process;
    private bool _wanted;

    public string Name => name;

    /// <summary>Where its collector listens, if it has one.</summary>
    public Uri? Collector { get; init; }

    /// <summary>Where its metrics service listens, if it has one.</summary>
    public Uri? Metrics { get; init; }

    /// <summary>What it must never do: end by itself, other than for what was not there at its start.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>How often it ended because Kafka was not there at its start, and was started again.</summary>
    public int StartedAgain { get; private set; }

    public async Task StartAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _wanted = true;
            await StartProcessAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _wanted = false;
            await _process!.KillAsync();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>SIGTERM, as an upgrade would.</summary>
    public async Task StopAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _wanted = false;
            if (!_process!.HasExited && await _process.StopAsync(StopPatience) is not 0 and var code)
            {
                Violations.Add($"{name} was asked to stop and ended with {code}");
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Pause() => _process!.Pause();

    public void Continue() => _process!.Continue();

    /// <summary>Starts it again when it has ended by itself.</summary>
    public async Task SuperviseAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_wanted && _process is { HasExited: true } ended)
            {
                if (ended.ExitCode == CouldNotStart)
                {
                    StartedAgain++;
                }
                else
                {
                    Violations.Add($"{name} ended by itself with {ended.ExitCode}; see {log}");
                }

                await StartProcessAsync();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        _wanted = false;
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task StartProcessAsync()
    {
        if (_process is { } former)
        {
            await former.DisposeAsync();
        }

        _process = await KeptProcess.StartAsync(program, arguments, log, environment);
    }
}
