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
    View,

    /// <summary>Its place among the interactions of its view.</summary>
    Number,

    At,

    /// <summary>When its request was sent, by the sender's clock.</summary>
    SentAt,

    Value,

    /// <summary>Rejected where something does not fit.</summary>
    Properties,

    /// <summary>Of them, what fits.</summary>
    FittingProperties,
}
