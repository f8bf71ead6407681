using System.Text.Json;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>Source: Discord developer documentation, Receiving and responding, interaction types.</summary>
internal static class InteractionTypes
{
    public const int Ping = 1;
    public const int Command = 2;
    public const int Component = 3;
    public const int Autocomplete = 4;
    public const int Modal = 5;
}

/// <summary>Somebody used a command, a component or a form.</summary>
/// <param name="Token">As it came; stored and handed on only as <paramref name="SealedToken"/>.</param>
/// <param name="ArrivedAt">When it came here; the answer is due so many seconds after.</param>
internal sealed record InteractionEvent(
    string Id,
    string ApplicationId,
    int Type,
    string? Token,
    string? GuildId,
    string? ChannelId,
    DiscordMember? Member,
    DiscordUser? User,
    InteractionData? Data,
    string? SealedToken,
    DateTimeOffset? ArrivedAt)
{
    /// <summary>In a server its member, in a direct message the user alone.</summary>
    public DiscordUser? Who => Member?.User ?? User;

    /// <summary>Not even an exception shows a token.</summary>
    public override string ToString() => $"interaction {Id}";
}

/// <param name="Name">Of a command.</param>
/// <param name="CustomId">Of a component or form.</param>
internal sealed record InteractionData(
    string? Name,
    string? CustomId,
    int? ComponentType,
    IReadOnlyList<string>? Values,
    IReadOnlyList<InteractionOption>? Options,
    IReadOnlyList<JsonElement>? Components);

internal sealed record InteractionOption(string Name, JsonElement? Value, bool Focused = false);
