using System.Globalization;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <summary>
/// What texts, addresses and tags may be, the same for chat and for the API. Lengths are in characters.
/// </summary>
internal static class MemoryRules
{
    public const int MaxTitle = 500;
    public const int MaxContent = 5000;
    public const int MaxUrl = 2000;
    public const int MaxAuthor = 200;
    public const int MaxContext = 2000;
    public const int MaxTags = 20;
    public const int MaxTag = 100;
    public const int MaxReaction = 32;

    public static string QuoteTitle(string author) => $"Quote by {author}";

    /// <summary>An address without a scheme is taken for https.</summary>
    public static string WithScheme(string url) =>
        url.Contains("://", StringComparison.Ordinal) ? url : $"https://{url}";

    public static IReadOnlyList<string> Trimmed(IReadOnlyList<string?> tags) =>
        [.. tags.Select(t => t?.Trim() ?? "").Where(t => t.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>Splits what was typed as <c>a, b, c</c>.</summary>
    public static IReadOnlyList<string> Split(string tags) => tags.Split(',');

    public static Checks CheckUrl(Checks checks, string? url) => checks
        .Text("url", url, MaxUrl)
        .That(
            url is null || IsWeb(url),
            "url",
            "is no address of a web page; write it as https://example.org/page, without a user name.");

    public static Checks CheckTags(Checks checks, IReadOnlyList<string> tags)
    {
        checks.That(
            tags.Count <= MaxTags,
            "tags",
            string.Create(CultureInfo.InvariantCulture, $"are {tags.Count}; at most {MaxTags} are allowed."));
        foreach (var tag in tags)
        {
            checks.Optional("tags", tag, MaxTag);
        }

        return checks;
    }

    /// <summary>Reactions are compared in lower case; an emoji is as good as a word.</summary>
    public static Checks CheckReaction(string? type) => new Checks()
        .Text("reaction_type", type, MaxReaction)
        .That(type?.Any(char.IsWhiteSpace) != true, "reaction_type", "must be one word, such as like.");

    private static bool IsWeb(string url) =>
        !url.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
        && Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri is { Host.Length: > 0, UserInfo.Length: 0 };
}
