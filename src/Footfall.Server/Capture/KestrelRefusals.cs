using System.Diagnostics;
using Footfall.Capture;
using Microsoft.AspNetCore.Http.Features;

namespace Footfall.Server.Capture;

/// <summary>
/// Counts what the server itself answers, before there is a request for us: headers that are too large or too slow, and
/// what is no HTTP. It tells of them by an event alone
/// (https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/diagnostics).
/// </summary>
public sealed class KestrelRefusals(CaptureCounters counters) : IObserver<KeyValuePair<string, object?>>
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    /// <summary>Counts them from now on, for as long as the app is.</summary>
    public static void Count(WebApplication app, CaptureCounters counters)
    {
        app.Services.GetRequiredService<DiagnosticListener>().Subscribe(new KestrelRefusals(counters), name => name == BadRequest);
        app.Use(next => context =>
        {
            // From here on whoever refuses it counts it; of a body that is too slow the server tells once more.
            context.Features.Set(Reached.Us);
            return next(context);
        });
    }

    /// <inheritdoc/>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Value is IFeatureCollection features
            && features.Get<Reached>() is null
            && features.Get<IBadRequestExceptionFeature>()?.Error is BadHttpRequestException error)
        {
            counters.Refuse(error.StatusCode switch
            {
                StatusCodes.Status408RequestTimeout => Refusal.TooSlow,
                StatusCodes.Status414UriTooLong or StatusCodes.Status431RequestHeaderFieldsTooLarge => Refusal.HeadersTooLarge,
                _ => Refusal.NotHttp,
            });
        }
    }

    /// <inheritdoc/>
    public void OnCompleted()
    {
    }

    /// <inheritdoc/>
    public void OnError(Exception error)
    {
    }

    private sealed class Reached
    {
        public static readonly Reached Us = new();
    }
}
