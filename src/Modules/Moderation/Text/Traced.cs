namespace Rookery.Modules.Moderation.Text;

/// <summary>A normal form that knows where it comes from.</summary>
/// <param name="Origins">For each character the original's span it stands for; null when the two are the same.</param>
internal sealed record Traced(string Text, IReadOnlyList<(int Start, int End)>? Origins)
{
    /// <summary>The span of the original text that a span of the normal form stands for.</summary>
    public (int Start, int Length) Original(int start, int length) => Origins is null || length == 0
        ? (start, length)
        : (Origins[start].Start, Origins[start + length - 1].End - Origins[start].Start);
}
