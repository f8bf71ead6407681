using System.Diagnostics.CodeAnalysis;
using System.Text;
using Rookery.Kernel.Expressions;

namespace Rookery.Modules.LivePosts.Templates;

/// <summary>
/// A text with <c>{variables}</c> and <c>{{ expressions }}</c>, read once: what comes in for them is never looked at again.
/// What is in single braces and no variable stays as it was typed.
/// </summary>
internal sealed class TextTemplate
{
    private readonly IReadOnlyList<Part> _parts;

    private TextTemplate(IReadOnlyList<Part> parts) => _parts = parts;

    public static bool TryParse(string source, [NotNullWhen(true)] out TextTemplate? template, out string error)
    {
        var parts = new List<Part>();
        var text = new StringBuilder();
        (template, error) = (null, "");
        for (var i = 0; i < source.Length;)
        {
            if (source.AsSpan(i).StartsWith("{{"))
            {
                if (Expression(source, i, out error) is not { } expression)
                {
                    return false;
                }

                Flush(text, parts);
                parts.Add(new Part(Expression: expression));
                i += expression.ToString().Length;
            }
            else if (Variable(source, i) is { } variable)
            {
                Flush(text, parts);
                parts.Add(new Part(Variable: variable));
                i += variable.Length + 2;
            }
            else
            {
                text.Append(source[i++]);
            }
        }

        Flush(text, parts);
        template = new TextTemplate(parts);
        return true;
    }

    public bool Uses(string variable) => _parts.Any(p => p.Variable == variable || (p.Expression?.Names.Contains(variable) ?? false));

    /// <param name="names">For expressions; made only where there is one.</param>
    /// <param name="error">Of the first expression that has no value; it gives nothing.</param>
    public string Render(StreamFacts facts, Lazy<Evaluation> names, out string? error)
    {
        error = null;
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            if (part.Expression is { } expression)
            {
                var result = expression.Evaluate(names.Value);
                error ??= result.Error?.Message;
                text.Append(result.Error is null ? result.Value.ToString() : "");
            }
            else
            {
                text.Append(part.Text ?? facts.Of(part.Variable!));
            }
        }

        return text.ToString();
    }

    /// <summary>Braces may stand in an expression too, so its end is the first at which it is one.</summary>
    private static Template? Expression(string source, int start, out string error)
    {
        for (var end = start; (end = source.IndexOf("}}", end + 1, StringComparison.Ordinal)) > 0;)
        {
            if (Template.TryParse(source[start..(end + 2)], out var template, out _))
            {
                error = "";
                return template;
            }
        }

        error = Template.TryParse(source[start..], out _, out var errors) ? "The {{ that begins here has no }}." : errors[0].Message;
        return null;
    }

    private static string? Variable(string source, int start) => source[start] != '{'
        ? null
        : StreamFacts.Names.FirstOrDefault(n => source.Length > start + n.Length + 1
            && source[start + n.Length + 1] == '}'
            && source.AsSpan(start + 1, n.Length).SequenceEqual(n));

    private static void Flush(StringBuilder text, List<Part> parts)
    {
        if (text.Length > 0)
        {
            parts.Add(new Part(Text: text.ToString()));
            text.Clear();
        }
    }

    private sealed record Part(string? Text = null, string? Variable = null, Template? Expression = null);
}
