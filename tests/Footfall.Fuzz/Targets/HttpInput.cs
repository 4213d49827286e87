using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Footfall.Fuzz.Targets;

/// <summary>
/// A request as one input: <c>METHOD PATH</c>, lines of headers, an empty line, the body. Lines that begin with ':' say how
/// the body goes: <c>:gzip</c>, <c>:brotli</c>, <c>:cut</c> (half of what it then is), <c>:chunked</c>. What frames a request
/// is always right, so that what follows on a connection is the next one.
/// </summary>
internal sealed record HttpInput(string Method, byte[] Bytes)
{
    private static readonly string[] Framing = ["Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "Host", "Keep-Alive", "TE", "Trailer"];

    /// <summary>Some bytes of a header are no HTTP, which is another's business: they are sent as they are.</summary>
    private static readonly Encoding Raw = Encoding.Latin1;

    public static HttpInput Read(ReadOnlySpan<byte> input)
    {
        var lines = new List<string>();
        while (!input.IsEmpty)
        {
            var end = input.IndexOf((byte)'\n');
            var line = (end < 0 ? input : input[..end]).TrimEnd((byte)'\r');
            input = end < 0 ? [] : input[(end + 1)..];
            if (line.IsEmpty)
            {
                break;
            }

            lines.Add(Raw.GetString(line));
        }

        var first = (lines.FirstOrDefault() ?? "").Split(' ', 2);
        var method = first[0].Length > 0 && first[0].All(char.IsAsciiLetterUpper) && first[0] != "CONNECT" ? first[0] : "POST";
        var path = first.Length > 1 && first[1].StartsWith('/') && first[1].All(c => c is > ' ' and < '\u007f') ? first[1] : "/v1/interactions";
        var says = lines.Where(line => line.StartsWith(':')).ToHashSet(StringComparer.Ordinal);
        var body = Pack(input, says);
        var isChunked = says.Contains(":chunked");
        var head = new StringBuilder($"{method} {path} HTTP/1.1\r\nHost: fuzz\r\n");
        foreach (var line in lines.Skip(1).Where(line => !line.StartsWith(':') && !Framing.Contains(line.Split(':')[0].Trim(), StringComparer.OrdinalIgnoreCase)))
        {
            head.Append(line.Replace("\r", "", StringComparison.Ordinal)).Append("\r\n");
        }

        head.Append(isChunked ? "Transfer-Encoding: chunked\r\n\r\n" : $"Content-Length: {body.Length.ToString(CultureInfo.InvariantCulture)}\r\n\r\n");
        return new HttpInput(method, [.. Raw.GetBytes(head.ToString()), .. isChunked ? Chunks(body) : body]);
    }

    private static byte[] Pack(ReadOnlySpan<byte> body, HashSet<string> says)
    {
        using var output = new MemoryStream();
        using (Stream packer = says.Contains(":gzip") ? new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true)
            : says.Contains(":brotli") ? new BrotliStream(output, CompressionLevel.Fastest, leaveOpen: true) : new BufferedStream(output))
        {
            packer.Write(body);
            packer.Flush();
            if (packer is BufferedStream)
            {
                return Cut(output.ToArray());
            }
        }

        return Cut(output.ToArray());

        byte[] Cut(byte[] packed) => says.Contains(":cut") ? packed[..(packed.Length / 2)] : packed;
    }

    /// <summary>In pieces of many sizes.</summary>
    private static byte[] Chunks(byte[] body)
    {
        using var output = new MemoryStream();
        for (var (at, size) = (0, 1); at < body.Length; at += size, size = Math.Min(size * 3, body.Length - at))
        {
            output.Write(Encoding.ASCII.GetBytes($"{size:x}\r\n"));
            output.Write(body, at, size);
            output.Write("\r\n"u8);
        }

        output.Write("0\r\n\r\n"u8);
        return output.ToArray();
    }
}
