using System.Text.Json;

namespace Rookery.Kernel.Chat;

/// <summary>What a handler answers with. Modules describe a reply; platforms and overlays render it.</summary>
public abstract record Reply
{
    private Reply() { }

    /// <summary>Nothing to say.</summary>
    public static Reply None { get; } = new Silent();

    /// <param name="content">What is shown besides, on platforms that can; the text stands for it on all others.</param>
    public static Reply Text(string text, RichContent? content = null) => new Said(text, content);

    /// <summary>A polite no, shown only to the caller where the platform can do that.</summary>
    public static Reply Refuse(string reason) => new Refused(reason);

    /// <summary>An answer for the caller alone, where the platform can do that.</summary>
    public static Reply Aside(string text) => new Said(text, null, IsPrivate: true);

    /// <summary>Several answers, in order.</summary>
    public static Reply Many(params IReadOnlyList<Reply> replies) => new Several(replies);

    public sealed record Silent : Reply;

    public sealed record Said(string Body, RichContent? Content = null, bool IsPrivate = false) : Reply;

    public sealed record Refused(string Reason) : Reply;

    public sealed record Several(IReadOnlyList<Reply> Replies) : Reply;

    /// <param name="MediaType">music, video or image.</param>
    public sealed record Media(string MediaType, string Url, JsonElement? Data = null) : Reply;

    /// <param name="DurationSeconds">How long the text runs over the overlay.</param>
    public sealed record Ticker(string Body, int DurationSeconds = 10, JsonElement? Data = null) : Reply;

    /// <summary>A card on the overlay: announcement, alert or formatted text.</summary>
    public sealed record General(JsonElement Data) : Reply;

    /// <summary>A form to fill in: title, description, fields, submit URL and method.</summary>
    public sealed record Form(JsonElement Data) : Reply;
}
