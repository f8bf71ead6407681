using System.Globalization;

namespace Rookery.Modules.LivePosts.Templates;

/// <summary>How much a message takes.</summary>
/// <remarks>Source: Discord developer documentation, Create Message, Embed limits, Components.</remarks>
internal static class PostLimits
{
    public const int Content = 2000;
    public const int Title = 256;
    public const int Description = 4096;
    public const int Fields = 25;
    public const int FieldName = 256;
    public const int FieldValue = 1024;
    public const int Footer = 2048;
    public const int Author = 256;
    public const int AllEmbeds = 6000;
    public const int Embeds = 10;
    public const int ButtonsInRow = 5;
    public const int Rows = 5;
    public const int Buttons = 25;
    public const int ButtonLabel = 80;
    public const int ButtonUrl = 512;
    public const int Url = 2048;

    private const string Mark = "…";

    /// <summary>Cuts between what is seen as characters, and marks that something is missing.</summary>
    public static string Cut(string text, int max)
    {
        if (text.Length <= max)
        {
            return text;
        }

        var end = 0;
        while (StringInfo.GetNextTextElementLength(text.AsSpan(end)) is var length && end + length <= max - Mark.Length)
        {
            end += length;
        }

        return max < Mark.Length ? "" : text[..end].TrimEnd() + Mark;
    }
}
