using Microsoft.Extensions.Time.Testing;

namespace Footfall.Server.Tests;

/// <summary>Stands at <see cref="Given.Now"/> until a test moves it.</summary>
internal sealed class FakeTime : FakeTimeProvider
{
    public FakeTime()
        : base(Given.Now)
    {
    }
}
