using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Footfall.AspNetCore;

/// <summary>A file built into an assembly: compressed once, served with an ETag.</summary>
internal sealed class EmbeddedFile
{
    private static readonly FileExtensionContentTypeProvider Types = new();

    private readonly byte[] _bytes;
    private readonly byte[] _gzip;
    private readonly string _type;
    private readonly EntityTagHeaderValue _tag;
    private readonly EntityTagHeaderValue _gzipTag;

    private EmbeddedFile(string name, byte[] bytes)
    {
        _bytes = bytes;
        _gzip = Compress(bytes);
        var type = Types.TryGetContentType(name, out var known) ? known : name.EndsWith(".mjs", StringComparison.Ordinal) ? "text/javascript" : "application/octet-stream";
        _type = type.StartsWith("text/", StringComparison.Ordinal) ? type + "; charset=utf-8" : type;
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
        _tag = new EntityTagHeaderValue($"\"{hash}\"");
        _gzipTag = new EntityTagHeaderValue($"\"{hash}-gzip\"");
    }

    /// <summary>Names that begin so.</summary>
    public static IEnumerable<string> Names(Assembly assembly, string prefix) =>
        assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The file's bytes.</summary>
    public static byte[] Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not built in");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>The file, ready to be served.</summary>
    public static EmbeddedFile Load(Assembly assembly, string name) => new(name, Read(assembly, name));

    /// <summary>The answer to a GET.</summary>
    /// <param name="request">For what it accepts and what it has.</param>
    /// <param name="caching">The <c>Cache-Control</c>.</param>
    /// <param name="forOtherSites">Whether pages of any origin may load it.</param>
    public IResult Answer(HttpRequest request, string caching, bool forOtherSites = false)
    {
        var headers = request.HttpContext.Response.Headers;
        headers.CacheControl = caching;
        headers.Vary = "Accept-Encoding";
        headers.XContentTypeOptions = "nosniff";
        if (forOtherSites)
        {
            headers.AccessControlAllowOrigin = "*";
            headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        }

        var zipped = _gzip.Length < _bytes.Length && AcceptedEncoding.IsGzip(request);
        if (zipped)
        {
            headers.ContentEncoding = "gzip";
        }

        return TypedResults.Bytes(zipped ? _gzip : _bytes, _type, entityTag: zipped ? _gzipTag : _tag);
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.SmallestSize))
        {
            gzip.Write(bytes);
        }

        return output.ToArray();
    }
}
