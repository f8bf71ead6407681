namespace Rookery.Modules.Moderation.Regexes;

/// <summary>
/// What a regular expression is made of. Reads expressions that the runtime has found well-formed; of others it makes a
/// guess.
/// </summary>
internal sealed class RegexShape
{
    private const int Huge = 1_000_000;
    private readonly string _pattern;
    private readonly List<(RegexConstruct Construct, Range At)> _unsupported = [];
    private int _at;
    private bool _hasOptions;

    private RegexShape(string pattern)
    {
        _pattern = pattern;
        (Size, var required) = Alternatives();
        Required = _hasOptions ? [] : required;
    }

    /// <summary>Steps it spells out when its counts are written in full; at most a million.</summary>
    public int Size { get; }

    /// <summary>Texts of which any match contains at least one, whatever the case; empty when none are known.</summary>
    public IReadOnlyList<string> Required { get; }

    public IReadOnlyList<(RegexConstruct Construct, Range At)> Unsupported => _unsupported;

    private char Current => Peek(0);

    public static RegexShape Of(string pattern) => new(pattern);

    private (int Size, IReadOnlyList<string> Required) Alternatives()
    {
        var required = new RequiredText();
        var size = 0;
        while (_at < _pattern.Length && Current != ')')
        {
            var (atom, character, group) = Atom();
            var repeated = Repetition.Read(_pattern, ref _at);
            size = (int)Math.Min(Huge, size + ((long)atom * repeated.Steps));
            if (character is { } c)
            {
                required.Character(c, repeated);
            }
            else if (group is not null)
            {
                required.Group(group, repeated);
            }
            else if (atom == 0)
            {
                required.EndBranch();
            }
            else
            {
                required.Break();
            }
        }

        required.EndBranch();
        return (size, required.Result());
    }

    /// <returns>
    /// Its steps (0 for the bar between alternatives), and what it is if it is a plain character or a group.
    /// </returns>
    private (int Size, char? Character, IReadOnlyList<string>? Group) Atom()
    {
        var c = _pattern[_at];
        switch (c)
        {
            case '\\':
                return (1, Escape(), null);
            case '[':
                Class();
                return (1, null, null);
            case '(':
                var (size, required) = Group();
                return (Math.Max(1, size), null, required);
            case '|':
                _at++;
                return (0, null, null);
            default:
                _at++;
                return (1, c is '.' or '^' or '$' ? null : c, null);
        }
    }

    /// <returns>The character, if it is one that is only escaped.</returns>
    private char? Escape()
    {
        var start = _at++;
        var kind = Current;
        _at++;
        if (kind is 'p' or 'P' or 'k' && Current is '{' or '<' or '\'')
        {
            var end = _pattern.IndexOfAny(['}', '>', '\''], _at + 1);
            _at = end < 0 ? _pattern.Length : end + 1;
        }
        else if (kind is 'x' or 'u' or 'c')
        {
            _at += kind switch { 'x' => 2, 'u' => 4, _ => 1 };
        }

        if (kind is 'k' or (>= '1' and <= '9'))
        {
            _unsupported.Add((RegexConstruct.BackReference, Since(start)));
        }
        else if (kind == 'G')
        {
            _unsupported.Add((RegexConstruct.Contiguous, Since(start)));
        }

        return char.IsAsciiLetterOrDigit(kind) ? null : kind;
    }

    /// <summary>
    /// Steps over [...] with what may be in it: escapes, a ] in the first place, a class to subtract.
    /// </summary>
    private void Class()
    {
        _at += Peek(1) == '^' ? 2 : 1;
        for (var first = true; _at < _pattern.Length && (first || Current != ']'); first = false)
        {
            if (Current == '-' && Peek(1) == '[')
            {
                _at++;
                Class();
            }
            else
            {
                _at += Current == '\\' ? 2 : 1;
            }
        }

        _at++;
    }

    private (int Size, IReadOnlyList<string> Required) Group()
    {
        var start = _at++;
        var construct = Current == '?' ? Opening() : null;
        var inside = Alternatives();
        _at++;
        if (construct is { } unsupported)
        {
            _unsupported.Add((unsupported, Since(start)));
        }

        return inside;
    }

    /// <summary>Steps over what follows a group's bracket, from the question mark on.</summary>
    private RegexConstruct? Opening()
    {
        _at += 2;
        switch (_pattern[_at - 1])
        {
            case '=' or '!':
                return RegexConstruct.Lookaround;
            case '<' when Current is '=' or '!':
                _at++;
                return RegexConstruct.Lookaround;
            case '>':
                return RegexConstruct.AtomicGroup;
            case '(':
                _at--;
                return RegexConstruct.Conditional;
            case '<' or '\'':
                var end = Math.Max(_at, _pattern.IndexOfAny(['>', '\''], _at));
                var balances = _pattern.AsSpan(_at, end - _at).Contains('-');
                _at = end + 1;
                return balances ? RegexConstruct.BalancingGroup : null;
            case ':':
                return null;
            default:
                // Options or a comment: characters may mean something else from here on.
                _hasOptions = true;
                return null;
        }
    }

    private Range Since(int start) => start..Math.Min(_at, _pattern.Length);

    private char Peek(int ahead) => _at + ahead < _pattern.Length ? _pattern[_at + ahead] : '\0';
}
