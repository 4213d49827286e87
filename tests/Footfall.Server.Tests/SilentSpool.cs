using Footfall.Log;

namespace Footfall.Server.Tests;

/// <summary>Nobody listens to the spool.</summary>
internal sealed class SilentSpool : ISpoolEvents
{
    public void Spooling(string reason)
    {
        // Not of interest.
    }

    public void Waiting(string reason, TimeSpan wait)
    {
        // Not of interest.
    }

    public void Forwarded(TimeSpan after)
    {
        // Not of interest.
    }
}
