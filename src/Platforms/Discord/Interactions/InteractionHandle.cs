using System.Text.Json;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>What it takes to answer an interaction, also after a restart.</summary>
/// <param name="Type">One of <see cref="InteractionTypes"/>.</param>
/// <param name="SealedToken">Its holder could speak as the bot for a quarter of an hour, so nobody is shown it.</param>
internal sealed record InteractionHandle(
    string Id, string ApplicationId, int Type, string SealedToken, DateTimeOffset ArrivedAt)
{
    /// <summary>How long Discord takes answers. Source: Discord developer documentation, Followup messages.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    public bool IsComponent => Type == InteractionTypes.Component;

    public static InteractionHandle? Of(InteractionEvent e) =>
        e is { SealedToken: { } token, ArrivedAt: { } at } ? new(e.Id, e.ApplicationId, e.Type, token, at) : null;

    public static InteractionHandle? Parse(string? text) =>
        text is null ? null : JsonSerializer.Deserialize(text, DiscordJson.Default.InteractionHandle);

    public override string ToString() => JsonSerializer.Serialize(this, DiscordJson.Default.InteractionHandle);
}
