using System.IO.Compression;
using Footfall.Expose;
using Microsoft.Net.Http.Headers;

namespace Footfall.AspNetCore;

/// <summary>A <c>/metrics</c> answer: the format and encoding that who scrapes asks for.</summary>
internal sealed class MetricsAnswer(HttpRequest request, Action<MetricsWriter> write, Action? served = null) : IResult
{
    /// <summary>The format that the request prefers; text where it says nothing.</summary>
    public static MetricsFormat Negotiate(HttpRequest request)
    {
        var best = MetricsFormat.Text;
        var bestQuality = 0.0;
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
        {
            return best;
        }

        foreach (var type in accepted)
        {
            var quality = type.Quality ?? 1;
            if (quality > bestQuality && Known(type) is { } format)
            {
                (best, bestQuality) = (format, quality);
            }
        }

        return best;
    }

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        var format = Negotiate(request);
        response.ContentType = MetricsWriter.ContentType(format);
        response.Headers.Vary = "Accept, Accept-Encoding";
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(request.Method))
        {
            return; // nobody has seen what stands at 0
        }

        using var document = new DocumentBuffer();
        write(new MetricsWriter(document, format));
        if (AcceptedEncoding.IsGzip(request))
        {
            response.Headers.ContentEncoding = "gzip";
            await using (var gzip = new GZipStream(response.Body, CompressionLevel.Fastest))
            {
                foreach (var piece in document.Pieces)
                {
                    await gzip.WriteAsync(piece, httpContext.RequestAborted);
                }
            }

            await response.Body.FlushAsync(httpContext.RequestAborted);
        }
        else
        {
            response.ContentLength = document.Length;
            foreach (var piece in document.Pieces)
            {
                await response.BodyWriter.WriteAsync(piece, httpContext.RequestAborted);
            }
        }

        // Not for one that went away meanwhile: it has not seen what stands at 0.
        if (!httpContext.RequestAborted.IsCancellationRequested)
        {
            served?.Invoke();
        }
    }

    private static MetricsFormat? Known(MediaTypeHeaderValue type) => type.MediaType.Value switch
    {
        "application/openmetrics-text" => Version(type) is null or "1.0.0" or "0.0.1" ? MetricsFormat.OpenMetrics : null,
        "text/plain" => Version(type) is null or "0.0.4" ? MetricsFormat.Text : null,
        "text/*" or "*/*" => MetricsFormat.Text,
        _ => null,
    };

    private static string? Version(MediaTypeHeaderValue type)
    {
        foreach (var parameter in type.Parameters)
        {
            if (parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))
            {
                return HeaderUtilities.RemoveQuotes(parameter.Value).ToString();
            }
        }

        return null;
    }
}
