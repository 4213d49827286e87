namespace Footfall.Capture;

/// <summary>A field of an interaction, as <see cref="InteractionFields"/> reads it.</summary>
internal enum Field
{
    Id,
    App,
    Type,
    Target,
    Page,
    Visitor,
    Session,
    At,

    /// <summary>When its request was sent, by the sender's clock.</summary>
    SentAt,

    Value,

    /// <summary>Rejected where something does not fit.</summary>
    Properties,

    /// <summary>Of them, what fits.</summary>
    FittingProperties,
}
