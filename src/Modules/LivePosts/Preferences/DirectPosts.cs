using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Modules.LivePosts.Posting;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Preferences;

/// <summary>Tells those who want it by a direct message, once for a stream, in however many guilds they asked for it.</summary>
internal sealed class DirectPosts(Outbox outbox)
{
    private const int MaxTitle = 300;

    /// <param name="guilds">Those that are just told of the stream.</param>
    public async Task AddAsync(Transaction t, Broadcast b, IReadOnlyList<string> guilds, StreamFacts facts, CancellationToken ct)
    {
        var people = await t.ListAsync(
            $"""
            select p.user_id, g.guild_id, g.name, g.platform, g.community_id
            from live.user_preferences p join live.guilds g on g.guild_id = p.guild_id
            where p.streamer_id = {b.StreamerId} and p.guild_id = any({guilds.ToArray()}) and p.notifications_enabled and p.via = 'dm'
            order by p.user_id, p.guild_id for update of p
            """,
            r => new Reader(r.GetString(0), r.GetString(1), r.GetString(2), Platforms.Parse(r.GetString(3)), r.GetInt64(4)),
            ct);
        if (people.Count == 0)
        {
            return;
        }

        await outbox.AddAsync(t, [.. people.Select(p => Item(p, b, facts))], ct);
        await t.ExecuteAsync(
            $"""
            update live.user_preferences p set change_key = u.key
            from unnest({people.Select(p => p.UserId).ToArray()}, {people.Select(p => p.GuildId).ToArray()},
                {people.Select(p => Key(p, b)).ToArray()}) as u (user_id, guild_id, key)
            where p.user_id = u.user_id and p.guild_id = u.guild_id and p.streamer_id = {b.StreamerId} and p.change_key is null
            """,
            ct);
    }

    private static OutboxItem Item(Reader p, Broadcast b, StreamFacts facts)
    {
        var text = $"{facts.DisplayName} is live: {PostLimits.Cut(facts.Title, MaxTitle)}\nhttps://twitch.tv/{facts.Login}\n"
            + $"You asked for this in {p.GuildName}; !live mute {facts.Login} there ends it.";
        var response = new ModuleResponse("live_posts", true, "chat", ChatMessage: text);
        var action = new SendDirectMessage(p.Platform, p.Platform == Platform.Slack ? p.GuildId : null, UserIds.Bare(p.UserId), response);
        return new OutboxItem(Key(p, b), p.Platform.Name(), p.CommunityId, $"{p.Platform.Name()}:member:{p.UserId}", action, OutboxPriority.Bulk);
    }

    private static string Key(Reader p, Broadcast b) => $"live:dm:{b.Id:N}:{p.Platform.Name()}:{p.UserId}";

    private sealed record Reader(string UserId, string GuildId, string GuildName, Platform Platform, long CommunityId);
}
