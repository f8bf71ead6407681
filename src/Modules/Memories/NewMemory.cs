using System.Text.Json.Serialization;
using Rookery.Kernel.Web;

namespace Rookery.Modules.Memories;

/// <summary>A memory to be kept.</summary>
internal sealed record NewMemory(long Community, string? EntityId, Actor By, string MemoryType)
{
    private const string NobodyKnown = "Unknown";

    public string? Title { get; init; }

    public string? Content { get; init; }

    public string? Url { get; init; }

    public string? Author { get; init; }

    public string? Context { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public long? CategoryId { get; init; }

    /// <summary>Fills in what a quote has without being told, and brings tags and URL into their stored form.</summary>
    public NewMemory Completed()
    {
        var author = string.IsNullOrWhiteSpace(Author) ? null : Author;
        author = MemoryType == MemoryTypes.Quote ? author ?? NobodyKnown : author;
        return this with
        {
            Author = author,
            Title = MemoryType == MemoryTypes.Quote && string.IsNullOrEmpty(Title)
                ? MemoryRules.QuoteTitle(author!)
                : Title,
            Content = MemoryType == MemoryTypes.Url && string.IsNullOrEmpty(Content) ? null : Content,
            Context = string.IsNullOrEmpty(Context) ? null : Context,
            Url = Url is null ? null : MemoryRules.WithScheme(Url),
            Tags = MemoryRules.Trimmed(Tags),
        };
    }

    /// <summary>Everything that keeps it, completed, from being stored.</summary>
    public Checks Check()
    {
        var isLink = MemoryType == MemoryTypes.Url;
        var checks = new Checks()
            .That(MemoryTypes.Known(MemoryType), "memory_type", $"must be {MemoryTypes.Names}.")
            .Text("title", Title, MemoryRules.MaxTitle)
            .That(isLink || Content is { Length: > 0 }, "content", "must have at least 1 character.")
            .Optional("content", Content, MemoryRules.MaxContent)
            .Optional("author", Author, MemoryRules.MaxAuthor)
            .Optional("context", Context, MemoryRules.MaxContext);
        if (isLink || Url is not null)
        {
            MemoryRules.CheckUrl(checks, Url);
        }

        return MemoryRules.CheckTags(checks, Tags);
    }
}

/// <summary>What an edit changes; null leaves a field as it is.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record MemoryChange
{
    public string? Title { get; init; }

    public string? Content { get; init; }

    public string? Url { get; init; }

    public string? Author { get; init; }

    /// <summary>Empty takes it away.</summary>
    public string? Context { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>0 takes it away.</summary>
    public long? CategoryId { get; init; }

    public MemoryChange Completed() => this with
    {
        Url = Url is null ? null : MemoryRules.WithScheme(Url),
        Tags = Tags is null ? null : MemoryRules.Trimmed(Tags),
    };

    public Checks Check()
    {
        var checks = new Checks()
            .That(this != new MemoryChange(), "$", "names nothing to change.")
            .That(Title is not "", "title", "must not be empty.").Optional("title", Title, MemoryRules.MaxTitle)
            .That(Content is not "", "content", "must not be empty.").Optional(
                "content", Content, MemoryRules.MaxContent)
            .That(Author is not "", "author", "must not be empty.").Optional("author", Author, MemoryRules.MaxAuthor)
            .Optional("context", Context, MemoryRules.MaxContext);
        if (Url is not null)
        {
            MemoryRules.CheckUrl(checks, Url);
        }

        return MemoryRules.CheckTags(checks, Tags ?? []);
    }
}
