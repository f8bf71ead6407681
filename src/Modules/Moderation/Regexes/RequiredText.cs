using System.Text;

namespace Rookery.Modules.Moderation.Regexes;

/// <summary>
/// Collects, while an expression is read, texts of which any match must contain at least one.
/// <c>fr+e\s*(nitro|gold)</c> cannot match a message with neither nitro nor gold in it, and those two are cheap to look
/// for.
/// </summary>
internal sealed class RequiredText
{
    private const int MaxAlternatives = 16;
    private const int MinLength = 3;

    private readonly StringBuilder _run = new();
    private readonly List<string> _alternatives = [];
    private IReadOnlyList<string> _best = [];
    private bool _branchWithout;

    /// <summary>A character that stands for itself.</summary>
    public void Character(char c, Repetition repeated)
    {
        // Without case, k is also the Kelvin sign; that and everything beyond ASCII is left to the expression itself.
        if (repeated.Least == 0 || c is 'k' or 'K' || !char.IsAscii(c))
        {
            Break();
            return;
        }

        _run.Append(c);
        if (!repeated.Exact)
        {
            // The last of the repetitions is next to what follows.
            Break();
            _run.Append(c);
        }
    }

    /// <summary>Something that is no plain character. What is left and right of it need not be neighbours.</summary>
    public void Break()
    {
        Offer([_run.ToString()]);
        _run.Clear();
    }

    public void Group(IReadOnlyList<string> required, Repetition repeated)
    {
        Break();
        if (repeated.Least > 0)
        {
            Offer(required);
        }
    }

    /// <summary>The end of one alternative.</summary>
    public void EndBranch()
    {
        Break();
        _alternatives.AddRange(_best);
        _branchWithout |= _best.Count == 0;
        _best = [];
    }

    /// <summary>
    /// One of these must be in any match; empty when nothing can be said. Case is as in the expression.
    /// </summary>
    public IReadOnlyList<string> Result() =>
        _branchWithout || _alternatives.Count > MaxAlternatives ? [] : _alternatives;

    /// <summary>The longer the shortest of them, the rarer they are.</summary>
    private void Offer(IReadOnlyList<string> texts)
    {
        var length = texts.Count == 0 ? 0 : texts.Min(t => t.Length);
        if (length >= MinLength && (_best.Count == 0 || length > _best.Min(t => t.Length)))
        {
            _best = texts;
        }
    }
}
