using System.Net;
using System.Net.Sockets;

namespace Footfall.Log.Tests;

/// <summary>Passes bytes to a port of this machine until it is told to stall: to the broker, what is behind it has stopped.</summary>
public sealed class StallingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private volatile TaskCompletionSource _flowing = Flowing();

    public StallingProxy(int to)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync(to);
    }

    public int Port { get; }

    public void Stall() => _flowing = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Flow() => _flowing.TrySetResult();

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Dispose();
        _ended.Dispose();
    }

    private static TaskCompletionSource Flowing()
    {
        var flowing = new TaskCompletionSource();
        flowing.SetResult();
        return flowing;
    }

    private async Task AcceptAsync(int to)
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token), to);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(TcpClient client, int to)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, to, _ended.Token);
                client.NoDelay = server.NoDelay = true;
                await Task.WhenAny(PumpAsync(client.GetStream(), server.GetStream()), PumpAsync(server.GetStream(), client.GetStream()));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or IOException)
            {
                // One side is gone, and so is the other.
            }
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to)
    {
        var bytes = new byte[64 * 1024];
        while (true)
        {
            var count = await from.ReadAsync(bytes, _ended.Token);
            if (count == 0)
            {
                return;
            }

            await _flowing.Task.WaitAsync(_ended.Token);
            await to.WriteAsync(bytes.AsMemory(0, count), _ended.Token);
        }
    }
}
