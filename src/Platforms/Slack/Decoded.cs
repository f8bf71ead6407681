using Rookery.Kernel.Chat;

namespace Rookery.Platforms.Slack;

internal enum Reading
{
    /// <summary>It became facts.</summary>
    Understood,

    /// <summary>Known, and of no concern: what bots say, edits that change no text, and the like.</summary>
    Ignored,

    /// <summary>A kind this build does not know.</summary>
    Unknown,
}

/// <summary>What a payload of Slack means. The people in it are ids yet.</summary>
internal sealed record Decoded(Reading Reading, IReadOnlyList<InboundEvent> Events)
{
    public static Decoded Ignored { get; } = new(Reading.Ignored, []);

    public static Decoded Unknown { get; } = new(Reading.Unknown, []);

    public static Decoded Of(params IReadOnlyList<InboundEvent> events) => new(Reading.Understood, events);
}
