namespace Rookery.Platforms.Discord;

/// <summary>A message in a channel, in answer to an interaction, or as an answer is changed.</summary>
internal sealed record MessageRequest(string Content, AllowedMentions AllowedMentions)
{
    public string? Nonce { get; init; }

    public bool? EnforceNonce { get; init; }

    public MessageReference? MessageReference { get; init; }

    public IReadOnlyList<WireEmbed>? Embeds { get; init; }

    public IReadOnlyList<WireComponent>? Components { get; init; }

    public int? Flags { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsPrivate => Flags is { } flags && (flags & DiscordMessage.Ephemeral) != 0;
}

/// <param name="Parse">What kinds of mention may ring; empty: none.</param>
internal sealed record AllowedMentions(
    IReadOnlyList<string> Parse, IReadOnlyList<string>? Users, bool RepliedUser, IReadOnlyList<string>? Roles = null);

internal sealed record MessageReference(string MessageId, bool FailIfNotExists);

internal sealed record WireEmbed
{
    public string? Title { get; init; }

    public string? Description { get; init; }

    public string? Url { get; init; }

    public int? Color { get; init; }

    public WireAuthor? Author { get; init; }

    public WireFooter? Footer { get; init; }

    public WireImage? Image { get; init; }

    public WireImage? Thumbnail { get; init; }

    public IReadOnlyList<WireField>? Fields { get; init; }

    public DateTimeOffset? Timestamp { get; init; }
}

internal sealed record WireAuthor(string Name, string? Url = null, string? IconUrl = null);

internal sealed record WireFooter(string Text, string? IconUrl = null);

internal sealed record WireImage(string Url);

internal sealed record WireField(string Name, string Value, bool Inline);

/// <summary>Which fields are set depends on the type. Source: Discord developer documentation, Component reference.</summary>
/// <param name="Type">1 row, 2 button, 3 select, 4 text input, 10 text, 18 label.</param>
internal sealed record WireComponent(int Type)
{
    public string? CustomId { get; init; }

    public string? Label { get; init; }

    public int? Style { get; init; }

    public string? Url { get; init; }

    public bool? Disabled { get; init; }

    public string? Placeholder { get; init; }

    public IReadOnlyList<WireOption>? Options { get; init; }

    public int? MinValues { get; init; }

    public int? MaxValues { get; init; }

    public bool? Required { get; init; }

    public string? Value { get; init; }

    public string? Content { get; init; }

    public WireComponent? Component { get; init; }

    public IReadOnlyList<WireComponent>? Components { get; init; }
}

internal sealed record WireOption(string Label, string Value, string? Description);

/// <param name="Type">4 says it, 5 puts it off, 6 puts it off unseen.</param>
internal sealed record MessageCallback(int Type, MessageRequest? Data);

internal sealed record ModalCallback(int Type, ModalData Data);

internal sealed record ModalData(string CustomId, string Title, IReadOnlyList<WireComponent> Components);

internal sealed record ChoicesCallback(int Type, ChoicesData Data);

internal sealed record ChoicesData(IReadOnlyList<Choice> Choices);

internal sealed record Choice(string Name, string Value);

internal sealed record Pong(int Type);

/// <param name="Type">1: a slash command.</param>
/// <param name="Contexts">0: in servers.</param>
internal sealed record SlashCommand(
    string Name, string Description, IReadOnlyList<SlashOption> Options, IReadOnlyList<int> Contexts, int Type = 1);

/// <param name="Type">3: text.</param>
internal sealed record SlashOption(string Name, string Description, bool Autocomplete, int Type = 3, bool Required = false);

internal sealed record ApplicationAnswer(string Id);
