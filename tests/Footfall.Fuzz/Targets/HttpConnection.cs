using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Footfall.Fuzz.Targets;

/// <summary>One connection that is kept for as long as the server keeps it.</summary>
internal sealed class HttpConnection(IPEndPoint to) : IDisposable
{
    private readonly byte[] _buffer = new byte[4 * 1024 * 1024];
    private Socket? _socket;

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <exception cref="BrokenPromise">There is none.</exception>
    public HttpAnswer Send(ReadOnlySpan<byte> request, bool isHead)
    {
        _socket ??= Connect();
        try
        {
            SendAll(request);
            var answer = ReadAnswer(isHead);
            if (answer.Closes)
            {
                Dispose();
            }

            return answer;
        }
        catch (SocketException error)
        {
            Dispose();
            throw new BrokenPromise($"there is no answer: {error.SocketErrorCode}");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
    }

    /// <summary>An answer may come before all is sent, and then nobody reads the rest.</summary>
    private void SendAll(ReadOnlySpan<byte> request)
    {
        try
        {
            while (!request.IsEmpty)
            {
                request = request[_socket!.Send(request)..];
            }
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // The answer is there, or it is missed.
        }
    }

    private HttpAnswer ReadAnswer(bool isHead)
    {
        var (length, end) = (0, -1);
        while (end < 0)
        {
            length += Receive(length);
            end = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
        }

        var head = Encoding.Latin1.GetString(_buffer, 0, end);
        var status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
        var start = end + 4;
        var body = new MemoryStream();
        if (!isHead && status is not (204 or 304) && Header(head, "Transfer-Encoding") == "chunked")
        {
            while (true)
            {
                int line;
                while ((line = _buffer.AsSpan(start, length - start).IndexOf("\r\n"u8)) < 0)
                {
                    length += Receive(length);
                }

                var size = int.Parse(Encoding.ASCII.GetString(_buffer, start, line), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                start += line + 2;
                while (length - start < size + 2)
                {
                    length += Receive(length);
                }

                body.Write(_buffer, start, size);
                start += size + 2;
                if (size == 0)
                {
                    break;
                }
            }
        }
        else if (!isHead && status is not (204 or 304) && int.TryParse(Header(head, "Content-Length"), CultureInfo.InvariantCulture, out var size))
        {
            while (length - start < size)
            {
                length += Receive(length);
            }

            body.Write(_buffer, start, size);
            start += size;
        }

        BrokenPromise.Unless(start == length, "there is more than one answer");
        return new HttpAnswer(status, head, body.ToArray(), Closes: Header(head, "Connection") == "close");
    }

    private int Receive(int at)
    {
        var read = _socket!.Receive(_buffer.AsSpan(at));
        return read > 0 ? read : throw new BrokenPromise("the connection ended without an answer");
    }

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 20_000, SendTimeout = 20_000 };
        socket.Connect(to);
        return socket;
    }

    public static string? Header(string head, string name) => head.Split("\r\n")
        .Where(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 2)..]).FirstOrDefault();
}

/// <summary>What came back.</summary>
internal sealed record HttpAnswer(int Status, string Head, byte[] Body, bool Closes)
{
    public string? Header(string name) => HttpConnection.Header(Head, name);
}
