using System.Text.Json;
using Npgsql;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;
using Rookery.Kernel.Delivery;
using Rookery.Kernel.Web;

namespace Rookery.Platforms.Sandbox;

internal sealed class SandboxStore(Database db, TimeProvider clock)
{
    private const string BotName = "Rookery";

    private static readonly SqlFragment Columns = Sql.Fragment("""
        m.id, m.channel, m.position, m.author_id, m.author_name, m.author_role, m.is_bot, m.body, m.reply_to, m.mention,
        m.mention_name, m.action, m.response::text, m.created_at, m.deleted_at, m.deleted_reason
        """);

    /// <param name="community">Only channels of this community; null: all.</param>
    public Task<IReadOnlyList<SandboxChannel>> ChannelsAsync(
        long? community, PageQuery page, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select c.name, c.title, c.last_message_at, c.created_at from sandbox.channels c
        where ({page.After}::text is null or c.name > {page.After})
          and ({community}::bigint is null or exists (
              select from kernel.entities e where e.entity_id = c.entity_id and e.community_id = {community}))
        order by c.name limit {page.Limit + 1}
        """,
        ReadChannel,
        ct);

    /// <param name="community">The channel must belong to it; null: any.</param>
    public async Task<bool> HasChannelAsync(string channel, long? community, CancellationToken ct) =>
        Checks.Storable(channel)
        && await db.Write.ValueAsync<bool>(
            $"""
            select exists (
                select from sandbox.channels c where c.name = {channel}
                and ({community}::bigint is null or exists (
                    select from kernel.entities e where e.entity_id = c.entity_id and e.community_id = {community})))
            """,
            ct);

    /// <returns>Null when there is a channel of that name already.</returns>
    public Task<SandboxChannel?> CreateChannelAsync(
        Session session, string name, string title, CancellationToken ct) => session.FindAsync(
        $"""
        insert into sandbox.channels (name, title, created_at) values ({name}, {title}, {clock.GetUtcNow()})
        on conflict (name) do nothing
        returning name, title, last_message_at, created_at
        """,
        ReadChannel,
        ct);

    /// <summary>Stores what a person says.</summary>
    /// <returns>Null when there is no such channel.</returns>
    public Task<SandboxMessage?> AddLineAsync(string channel, Line line, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.Write.FindAsync(
            $"""
            with channel as (update sandbox.channels set last_message_at = {now} where name = {channel} returning name)
            insert into sandbox.messages as m (channel, author_id, author_name, author_role, body, created_at)
            select name, {line.UserId!}, {line.UserName!}, {line.ActingRole.Name()}, {line.Text!}, {now} from channel
            returning {Columns}
            """,
            ReadMessage,
            ct);
    }

    /// <summary>
    /// Stores what the bot says; a key that was sent before makes no second message. Makes the channel when it is
    /// missing.
    /// </summary>
    /// <returns>The message's id, also of the first sending.</returns>
    public async Task<long> AddReplyAsync(SendMessage message, string body, string key, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var channel = message.Channel.Channel;
        var response = JsonSerializer.Serialize(message.Response, KernelJson.Default.ModuleResponse);
        long? replyTo = LineId.TryParse(message.ReplyTo, out var id) ? id : null;
        var made = await db.Write.ListAsync(
            $"""
            with channel as (
                insert into sandbox.channels (name, title, last_message_at, created_at) values ({channel}, {channel},
                    {now}, {now})
                on conflict (name) do update set last_message_at = excluded.last_message_at
                returning name)
            insert into sandbox.messages (
                channel, author_id, author_name, is_bot, body, reply_to, mention, mention_name, action, response,
                    outbox_key, created_at)
            select name, {message.Response.ModuleName}, {BotName}, true, {body}, {replyTo}, {message.MentionUserId},
                {message.MentionName},
                {message.Response.ResponseAction}, {response}::jsonb, {key}, {now}
            from channel
            on conflict (outbox_key) do nothing
            returning id
            """,
            r => r.GetInt64(0),
            ct);
        return made is [var first]
            ? first
            : await db.Write.ValueAsync<long>($"select id from sandbox.messages where outbox_key = {key}", ct);
    }

    /// <summary>Changes what the bot said.</summary>
    /// <returns>False when there is no such message.</returns>
    public async Task<bool> EditAsync(EditMessage edit, long id, CancellationToken ct)
    {
        var (channel, body) = (edit.Channel.Channel, edit.Response.ChatMessage ?? "");
        var response = JsonSerializer.Serialize(edit.Response, KernelJson.Default.ModuleResponse);
        return Checks.Storable(body) && await db.Write.ExecuteAsync(
            $"""
            with channel as (select name from sandbox.channels where name = {channel} for no key update)
            update sandbox.messages m
            set body = {body}, response = {response}::jsonb, position = nextval('sandbox.positions')
            from channel where m.channel = channel.name and m.id = {id} and m.is_bot and m.deleted_at is null
            """,
            ct) == 1;
    }

    /// <summary>Marks a message as deleted; the first reason stays.</summary>
    /// <returns>False when there is no such message.</returns>
    public async Task<bool> DeleteAsync(string channel, long id, string reason, CancellationToken ct) => await db.Write.ExecuteAsync(
        $"""
        with channel as (select name from sandbox.channels where name = {channel} for no key update)
        update sandbox.messages m
        set deleted_at = coalesce(m.deleted_at, {clock.GetUtcNow()}), deleted_reason = coalesce(m.deleted_reason,
            {reason}),
            position = nextval('sandbox.positions')
        from channel where m.channel = channel.name and m.id = {id}
        """,
        ct) == 1;

    /// <summary>The newest messages, newest first.</summary>
    /// <param name="before">Only messages with a smaller id; null: from the end.</param>
    public Task<IReadOnlyList<SandboxMessage>> NewestAsync(
        string channel, long? before, int count, CancellationToken ct) => db.Read.ListAsync(
        $"""
        select {Columns} from sandbox.messages m
        where m.channel = {channel} and ({before}::bigint is null or m.id < {before})
        order by m.id desc limit {count}
        """,
        ReadMessage,
        ct);

    /// <summary>
    /// What was said or deleted after a position, in that order. From the primary: a replica may not have it yet.
    /// </summary>
    public Task<IReadOnlyList<SandboxMessage>> ChangesAsync(
        string channel, long after, int count, CancellationToken ct) => db.Write.ListAsync(
        $"""
        select {Columns} from sandbox.messages m
        where m.channel = {channel} and m.position > {after}
        order by m.position limit {count}
        """,
        ReadMessage,
        ct);

    /// <summary>
    /// True when a client that knows the channel up to a position can be brought up to date change by change.
    /// </summary>
    /// <param name="most">Changes it may have missed.</param>
    public Task<bool> CanGoOnAsync(
        string channel, long after, int most, CancellationToken ct) => db.Write.ValueAsync<bool>(
        $"""
        select {after} <= coalesce((select max(position) from sandbox.messages where channel = {channel}), 0)
            and (select count(*) from (
                select from sandbox.messages where channel = {channel} and position > {after}
                    limit {most + 1}) missed) <= {most}
        """,
        ct);

    /// <summary>The newest messages, newest first, and the position up to which they are complete.</summary>
    public async Task<(IReadOnlyList<SandboxMessage> Messages, long Position)> EndAsync(
        string channel, int count, CancellationToken ct)
    {
        var rows = await db.Write.ListAsync(
            $"""
            select {Columns}, (select max(position) from sandbox.messages where channel = {channel})
                from sandbox.messages m
            where m.channel = {channel}
            order by m.id desc limit {count}
            """,
            r => (Message: ReadMessage(r), Position: r.GetInt64(16)),
            ct);
        return ([.. rows.Select(r => r.Message)], rows is [var newest, ..] ? newest.Position : 0);
    }

    private static SandboxChannel ReadChannel(NpgsqlDataReader r) => new(
        r.GetString(0), r.GetString(1), r.GetFieldValue<DateTimeOffset?>(2), r.GetFieldValue<DateTimeOffset>(3));

    private static SandboxMessage ReadMessage(NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetString(1),
        r.GetInt64(2),
        r.GetString(3),
        r.GetString(4),
        Roles.TryParse(r.GetString(5), out var role) ? role : default,
        r.GetBoolean(6),
        r.GetString(7),
        r.IsDBNull(8) ? null : r.GetInt64(8),
        r.IsDBNull(9) ? null : r.GetString(9),
        r.IsDBNull(10) ? null : r.GetString(10),
        r.GetString(11),
        r.IsDBNull(12) ? null : JsonElement.Parse(r.GetString(12)),
        r.GetFieldValue<DateTimeOffset>(13),
        r.GetFieldValue<DateTimeOffset?>(14),
        r.IsDBNull(15) ? null : r.GetString(15));
}
