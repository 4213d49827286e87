using System.Net;
using System.Net.Sockets;

namespace Footfall.Testing;

/// <summary>A way over TCP from one to another that a test can break: as a black hole, in one direction or both, or with resets.</summary>
public sealed class NetworkLink : IDisposable
{
    private readonly TcpListener _listener;
    private readonly IPEndPoint _to;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Socket> _open = [];
    private bool _cut;
    private readonly Direction _requests = new();
    private readonly Direction _answers = new();

    /// <summary>Listens at a free port of this machine and passes on to another.</summary>
    public NetworkLink(int to)
        : this(new(IPAddress.Loopback, 0), new(IPAddress.Loopback, to))
    {
    }

    public NetworkLink(IPEndPoint at, IPEndPoint to)
    {
        _to = to;
        _listener = new(at);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>Nothing passes, and nobody is told: to either side, the other has stopped. What is under way arrives after <see cref="Flow"/>.</summary>
    public void Stall()
    {
        _requests.Stall();
        _answers.Stall();
    }

    /// <summary>What is asked arrives, what is answered does not.</summary>
    public void StallAnswers() => _answers.Stall();

    /// <summary>Every connection is reset, and so is each new one.</summary>
    public void Cut()
    {
        Socket[] open;
        lock (_lock)
        {
            _cut = true;
            open = [.. _open];
        }

        foreach (var socket in open)
        {
            Reset(socket);
        }
    }

    /// <summary>Passes everything, from now on.</summary>
    public void Flow()
    {
        lock (_lock)
        {
            _cut = false;
        }

        _requests.Flow();
        _answers.Flow();
    }

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Dispose();
        Cut();
        _ended.Dispose();
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, 0);  // close(2) sends RST
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Gone already.
        }

        socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_ended.Token));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var server = new Socket(_to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            if (!Open(client, server))
            {
                return;
            }

            await server.ConnectAsync(_to, _ended.Token);
            await await Task.WhenAny(
                PumpAsync(client, server, _requests),
                PumpAsync(server, client, _answers));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side is gone, and so is the other: as hard.
            Reset(client);
        }
        finally
        {
            lock (_lock)
            {
                _open.Remove(client);
                _open.Remove(server);
            }

            client.Dispose();
        }
    }

    private bool Open(Socket client, Socket server)
    {
        lock (_lock)
        {
            if (!_cut)
            {
                return _open.Add(client) && _open.Add(server);
            }
        }

        Reset(client);
        return false;
    }

    private async Task PumpAsync(Socket from, Socket to, Direction direction)
    {
        var bytes = new byte[64 * 1024];
        while (true)
        {
            var count = await from.ReceiveAsync(bytes, SocketFlags.None, _ended.Token);
            if (count == 0)
            {
                return;
            }

            await direction.Flowing.WaitAsync(_ended.Token);
            for (var sent = 0; sent < count;)
            {
                sent += await to.SendAsync(bytes.AsMemory(sent, count - sent), SocketFlags.None, _ended.Token);
            }
        }
    }

    private sealed class Direction
    {
        private volatile TaskCompletionSource? _stalled;

        public Task Flowing => _stalled?.Task ?? Task.CompletedTask;

        public void Stall() => _stalled ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Flow()
        {
            _stalled?.TrySetResult();
            _stalled = null;
        }
    }
}
