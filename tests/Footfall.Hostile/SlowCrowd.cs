using System.Net;
using System.Net.Sockets;

namespace Footfall.Hostile;

/// <summary>Connections that send a byte now and then: some in the head of a request, some in its body. Each is made again when the collector ends it.</summary>
internal sealed class SlowCrowd(Func<int, IPAddress> addresses, IPEndPoint to, int size)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly byte[] SlowHead = [.. "POST /v1/interactions HTTP/1.1\r\nHost: x\r\n"u8];
    private static readonly byte[] SlowBody = [.. SlowHead, .. "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"u8];

    private int _ended;

    /// <summary>How often the collector ended one.</summary>
    public int Ended => Volatile.Read(ref _ended);

    public Task RunAsync(CancellationToken end) => Task.WhenAll(Enumerable.Range(0, size).Select(n => BeSlowAsync(n, end)));

    private async Task BeSlowAsync(int number, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(addresses(number), 0));
                await socket.ConnectAsync(to, end);
                await socket.SendAsync(number % 2 == 0 ? SlowHead : SlowBody, end);
                var answer = socket.ReceiveAsync(new byte[1], end).AsTask();
                while (!answer.IsCompleted)
                {
                    await socket.SendAsync("x"u8.ToArray(), end);
                    await Task.Delay(Every, TimeProvider.System, end);
                }

                await answer;
                Interlocked.Increment(ref _ended);
            }
            catch (SocketException)
            {
                Interlocked.Increment(ref _ended);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
