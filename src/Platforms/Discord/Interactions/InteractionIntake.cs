using System.Text.Json;
using System.Text.Json.Nodes;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Coordination;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Security;
using Rookery.Kernel.Web;
using Rookery.Platforms.Discord.Gateway;

namespace Rookery.Platforms.Discord.Interactions;

/// <summary>Takes interactions in, from the gateway or over HTTP: the time for the answer runs from here.</summary>
internal sealed class InteractionIntake(
    Intake intake, OpenInteractions open, InteractionCalls calls, InteractionDecoder decoder, SecretBox box, TimeProvider clock)
{
    /// <summary>Whose token a sealed one is: it opens nothing else.</summary>
    public static SecretPlace PlaceOf(string id) => new("discord.discord_events", id, "token");

    /// <exception cref="JsonException">It is not what Discord documents.</exception>
    /// <param name="claim">On the shard that was told; null: it came over HTTP.</param>
    public TakenInteraction Read(ReadOnlySpan<byte> json, Claim? claim = null)
    {
        var e = JsonSerializer.Deserialize(json, DiscordJson.Default.InteractionEvent)!;
        if (e.Token is not { Length: > 0 } token)
        {
            throw new JsonException("The interaction has no token.");
        }

        e = e with { Token = null, SealedToken = box.SealText(PlaceOf(e.Id), token), ArrivedAt = clock.GetUtcNow() };
        var stored = JsonNode.Parse(json)!.AsObject();
        stored.Remove("token");
        stored["sealed_token"] = e.SealedToken;
        stored["arrived_at"] = e.ArrivedAt;
        var ids = new JsonIds(e.GuildId, e.ChannelId ?? "", e.Who?.Id ?? "");
        var raw = new RawEvent(
            Platform.Discord,
            e.Id,
            EventTypes.Interaction,
            JsonSerializer.Serialize(ids, DiscordJson.Default.JsonIds),
            StorableJson.Clean(JsonElement.Parse(stored.ToJsonString())).GetRawText(),
            e.ArrivedAt.Value)
        {
            Claim = claim,
        };
        return new TakenInteraction(e, raw, InteractionHandle.Of(e)!);
    }

    /// <summary>Completes when it is stored; it is put off if what it causes takes long.</summary>
    /// <exception cref="Kernel.Data.StorageUnavailableException">It is not stored.</exception>
    public async Task StoreAsync(TakenInteraction taken)
    {
        var isNew = open.Begin(taken.Handle);
        if (!await intake.AcceptAsync(taken.Raw) && isNew)
        {
            // Told again, after it was dealt with.
            open.Forget(taken.Handle.Id);
        }
    }

    /// <summary>What could follow what is typed so far.</summary>
    public ChoicesCallback Suggest(InteractionEvent e)
    {
        var typed = e.Data?.Options?.FirstOrDefault(o => o.Focused)?.Value?.ToString() ?? "";
        var usage = e.Data?.Name is { } name ? decoder.Find(name)?.Usage : null;
        return new ChoicesCallback(8, new ChoicesData(SlashCommands.Suggest(usage ?? [], typed)));
    }

    public Task SuggestAsync(TakenInteraction taken, CancellationToken ct) =>
        calls.AnswerAsync(taken.Handle, Suggest(taken.Event), DiscordJson.Default.ChoicesCallback, ct);
}

/// <param name="Raw">As it is stored: without its token.</param>
internal sealed record TakenInteraction(InteractionEvent Event, RawEvent Raw, InteractionHandle Handle)
{
    public ChannelId Channel => new(Platform.Discord, Event.GuildId, Event.ChannelId ?? "");
}
