using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Modules.LivePosts.Templates;

namespace Rookery.Modules.LivePosts.Posting;

/// <summary>Puts a post up once more whose row failed or was skipped, as the stream and the settings are now.</summary>
internal sealed class PostAgain(Outbox outbox, TimeProvider clock)
{
    /// <returns>The streamer's login; null when it is under way, stands already, or has no channel to go to.</returns>
    public async Task<string?> RunAsync(Transaction t, string guild, Guid id, CancellationToken ct)
    {
        var rows = await t.ListAsync(
            $"""
            select {Following.Columns}, {StreamRow.Columns}, b.version
            from live.notification_log l
                join live.broadcasts b on b.id = l.broadcast_id
                join live.streamers s on s.id = l.streamer_id
                join live.guild_streamers gs on gs.guild_id = l.guild_id and gs.streamer_id = l.streamer_id
                join live.guilds g on g.guild_id = l.guild_id
                join live.guild_config c on c.guild_id = l.guild_id
            where l.id = {id} and l.guild_id = {guild} and l.status in ('failed', 'skipped') and not l.is_over
            for update of l
            """,
            r => (For: Following.Read(r), StreamRow.Read(r, Following.Width).Facts,
                Version: r.GetInt32(Following.Width + StreamRow.Width)),
            ct);
        if (rows is not [var row] || row.For.ChannelId.Length == 0)
        {
            return null;
        }

        var (f, facts) = (row.For, row.Facts with { MentionRole = row.For.Mention });
        var writer = new PostWriter(clock);
        var post = writer.Write(writer.Parse(f.Template), f.CustomContent, facts, f.TimeZone);
        var shown = facts.EndedAt is null ? post : post with { Content = PostMessage.Ended(facts) };
        var key = $"live:again:{id:N}:{Guid.CreateVersion7(clock.GetUtcNow()):N}";
        var role = facts is { EndedAt: null, MentionRole.Length: > 0 } ? f.RoleId : null;
        var action = new SendMessage(f.Channel, PostMessage.Of(f.Platform, shown, f.BellButton), MentionRoleId: role);
        await outbox.AddAsync(t, key, f.Platform.Name(), f.CommunityId, f.Channel.ToString(), action, ct);
        await t.ExecuteAsync(
            $"""
            update live.notification_log
            set status = 'pending', reason = null, outbox_key = {key}, channel_id = {f.ChannelId}, shown_version = {row.Version}
            where id = {id} and guild_id = {guild}
            """,
            ct);
        return facts.Login;
    }
}
