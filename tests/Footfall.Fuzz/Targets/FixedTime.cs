namespace Footfall.Fuzz.Targets;

/// <summary>It is always the same moment, so that the same bytes make the same records.</summary>
internal sealed class FixedTime : TimeProvider
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 5, 29, 48, 123, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => Now;
}
