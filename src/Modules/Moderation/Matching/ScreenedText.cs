using Rookery.Modules.Moderation.Text;

namespace Rookery.Modules.Moderation.Matching;

/// <summary>
/// A message as it was written and in its normal form; one and the same string where nothing is disguised.
/// </summary>
internal readonly record struct ScreenedText(string Raw, string Normal)
{
    public bool IsPlain => ReferenceEquals(Raw, Normal);

    public static ScreenedText Of(string raw) => new(raw, Normalizer.Normalize(raw));
}
