using System.Net;
using Footfall.Testing;

namespace Footfall.Faults;

/// <summary>A running Footfall with all that it needs, and the ways to break it.</summary>
internal abstract class World : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly string[] Apps = ["shop", "school"];
    private readonly SocketsHttpHandler _handler = new() { UseProxy = false };
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http;
    private Task _supervising = Task.CompletedTask;

    protected World(string name)
    {
        Name = name;
        Folder = Directory.CreateTempSubdirectory($"footfall-faults-{name}-").FullName;
        Address = Here.Network();
        _http = new HttpClient(_handler, disposeHandler: false) { Timeout = TimeSpan.FromSeconds(2) };
    }

    public string Name { get; }

    public string Folder { get; }

    public Func<int, IPAddress> Address { get; }

    public abstract int Partitions { get; }

    public abstract IReadOnlyList<Service> Collectors { get; }

    public abstract IReadOnlyList<Service> Metrics { get; }

    /// <summary>Where clients reach each collector: by way of a link.</summary>
    public abstract IReadOnlyList<Uri> Entrances { get; }

    public IEnumerable<Service> Services => Collectors.Union(Metrics);

    /// <summary>Where Prometheus listens.</summary>
    public Uri Prometheus => new($"http://{Address(9)}:7009");

    /// <summary>What can't be done here, with the reason.</summary>
    public virtual string? Lacking(FaultKind kind) => null;

    /// <summary>Does it, holds it, heals it. Returns who it was, and how it went.</summary>
    public abstract Task<string> InflictAsync(PlannedFault fault, Run run);

    /// <summary>Everything that stands beside Footfall is whole again.</summary>
    public virtual Task<bool> IsWholeAsync() => Task.FromResult(true);

    /// <summary>Every record, those of a partition in their order.</summary>
    public abstract Task<List<Logged>> ReadLogAsync();

    /// <summary>What the log itself is wrong in, at the end.</summary>
    public virtual Task<List<string>> CheckLogAsync() => Task.FromResult(new List<string>());

    public async Task<bool> AreReadyAsync()
    {
        foreach (var address in Services.SelectMany(service => new[] { service.Collector, service.Metrics }).OfType<Uri>())
        {
            if (!await IsReadyAsync(address))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a service says that it is ready.</summary>
    public async Task<bool> IsReadyAsync(Uri address)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(address, "/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _supervising;
        foreach (var service in Services)
        {
            await service.DisposeAsync();
        }

        _http.Dispose();
        _handler.Dispose();
        _stop.Dispose();
    }

    /// <summary>A configuration file with the apps that the clients send for.</summary>
    protected async Task<string> WriteConfigurationAsync()
    {
        var file = Path.Combine(Folder, "footfall.json");
        var apps = Apps.Select(app => $$"""    "{{app}}": { "Origins": ["local"], "PinnedTargets": ["Buy Now"] }""");
        await File.WriteAllTextAsync(file, $$"""
            {
              "Capture": { "MaxRequestsPerSecond": 100000, "Apps": {
            {{string.Join(",\n", apps)}}
              } }
            }
            """);
        return file;
    }

    protected async Task StartServicesAsync()
    {
        foreach (var service in Services)
        {
            await service.StartAsync();
        }

        _supervising = SuperviseAsync();
        if (!await Patience.UntilAsync(TimeSpan.FromSeconds(90), AreReadyAsync))
        {
            throw new InvalidOperationException($"Footfall is not ready; see {Folder}");
        }
    }

    private async Task SuperviseAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(Look, TimeProvider.System, _stop.Token);
                foreach (var service in Services)
                {
                    await service.SuperviseAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }
}
