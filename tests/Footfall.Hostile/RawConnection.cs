using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Footfall.Hostile;

/// <summary>A connection over which anything can be sent, from an address of this machine's loopback.</summary>
internal sealed class RawConnection(IPAddress from, IPEndPoint to) : IDisposable
{
    /// <summary>No answer within this time is one of the things that must not be: a refusal costs the collector nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;

    /// <summary>Sends all of it and reads the answer. Returns its status; 0 where the connection ended without one.</summary>
    /// <param name="request">Its bytes.</param>
    /// <param name="keep">Whether another request may follow on the connection.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<int> SendAsync(ReadOnlyMemory<byte> request, bool keep, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(Patience);
        try
        {
            _socket ??= await ConnectAsync(over.Token);
            // An answer may come before all is sent, and then nobody reads the rest.
            var sending = SendAllAsync(_socket, request, over.Token);
            var (status, isKept) = await ReadAnswerAsync(_socket, hasBody: !request.Span.StartsWith("HEAD "u8), over.Token);
            if (!keep || !isKept || !await sending)
            {
                Drop();
            }

            return status;
        }
        catch (SocketException)
        {
            Drop();
            return 0;
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            Drop();
            throw new TimeoutException($"no answer in {Patience.TotalSeconds} s", error);
        }
    }

    /// <summary>Sends a part and goes away, with a reset.</summary>
    public async Task BreakOffAsync(ReadOnlyMemory<byte> part, CancellationToken cancellationToken)
    {
        try
        {
            _socket ??= await ConnectAsync(cancellationToken);
            await SendAllAsync(_socket, part, cancellationToken);
            _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }
        catch (SocketException)
        {
            // The other side was faster.
        }

        Drop();
    }

    public void Dispose() => Drop();

    private void Drop()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(to, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<bool> SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false; // the answer says why
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task<(int Status, bool IsKept)> ReadAnswerAsync(Socket socket, bool hasBody, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return (0, false);
            }

            length += read;
            var head = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
            if (head < 0)
            {
                continue;
            }

            var text = Encoding.Latin1.GetString(_buffer, 0, head);
            var status = int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture);
            if (status < 200)
            {
                // 100: the answer comes after it.
                length -= head + 4;
                _buffer.AsSpan(head + 4, length).CopyTo(_buffer);
                continue;
            }

            if (text.Contains("Connection: close", StringComparison.OrdinalIgnoreCase))
            {
                return (status, false);
            }

            if (hasBody)
            {
                await SkipBodyAsync(socket, text, head + 4, length, cancellationToken);
            }

            return (status, true);
        }
    }

    private async Task SkipBodyAsync(Socket socket, string head, int start, int length, CancellationToken cancellationToken)
    {
        const string Field = "Content-Length: ";
        var at = head.IndexOf(Field, StringComparison.OrdinalIgnoreCase);
        var isChunked = head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase);
        var left = at < 0 ? 0 : int.Parse(head.AsSpan(at + Field.Length).ToString().Split('\r')[0], CultureInfo.InvariantCulture) - (length - start);
        while (isChunked ? !_buffer.AsSpan(0, length).EndsWith("0\r\n\r\n"u8) : left > 0)
        {
            if (isChunked && length > _buffer.Length / 2)
            {
                _buffer.AsSpan(length - 16, 16).CopyTo(_buffer);
                length = 16;
            }

            var read = await socket.ReceiveAsync(_buffer.AsMemory(isChunked ? length : 0), cancellationToken);
            if (read == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            length += isChunked ? read : 0;
            left -= read;
        }
    }
}
