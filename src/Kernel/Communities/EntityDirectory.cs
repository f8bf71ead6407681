using System.Collections.Concurrent;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Kernel.Data;

namespace Rookery.Kernel.Communities;

/// <summary>Which place a channel is and which community it belongs to; which role somebody was granted.</summary>
public sealed class EntityDirectory
{
    private readonly Database _db;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<ChannelId, Entity> _entities = new();
    private readonly ConcurrentDictionary<long, string> _keys = new();
    private readonly Cached<Dictionary<(Platform, string), Role>> _roles;
    private int _forgotten;

    public EntityDirectory(Database db, ChangeFeed feed, TimeProvider clock)
    {
        _db = db;
        _clock = clock;
        feed.On("entities", Forget);
        feed.On("communities", _ => Forget(""));
        _roles = new(feed, "member_roles", LoadRolesAsync);
    }

    /// <summary>
    /// Finds the entity of a channel, or makes it at first sight. Its owner is never taken from chat.
    /// </summary>
    public ValueTask<Entity> ResolveAsync(ChannelId channel, CancellationToken ct) =>
        _entities.TryGetValue(channel, out var known) ? new(known) : new(LoadAsync(channel, ct));

    /// <summary>Finds an entity that is known by its id outside, <c>platform:server:channel</c>. Makes none.</summary>
    public async Task<Entity?> FindByEntityIdAsync(string entityId, CancellationToken ct) =>
        !ChannelId.TryParse(entityId, out var channel)
        ? null
        : _entities.TryGetValue(channel, out var known) ? known : await KeepAsync(channel, c => FindAsync(_db.Write, c, ct));

    /// <summary>Finds an entity by the key that joins tables. Makes none.</summary>
    public async Task<Entity?> FindByKeyAsync(long id, CancellationToken ct)
    {
        if (_keys.TryGetValue(id, out var name))
        {
            return await FindByEntityIdAsync(name, ct);
        }

        var names = await _db.Write.ListAsync($"select entity_id from kernel.entities where id = {id}", r => r.GetString(0), ct);
        return names is [var found] ? await FindByEntityIdAsync(_keys[id] = found, ct) : null;
    }

    /// <summary>The higher of the role the platform vouches for and the one the community granted.</summary>
    public ValueTask<Member> MemberAsync(InboundEvent e, Entity entity, CancellationToken ct)
    {
        var roles = _roles.GetAsync(entity.CommunityId, ct);
        return roles.IsCompletedSuccessfully ? new(Combine(e, roles.Result)) : WaitAsync(e, roles);
    }

    internal static Entity Read(Npgsql.NpgsqlDataReader r) => new(
        r.GetInt64(0),
        r.GetString(1),
        new ChannelId(
            Platforms.Parse(r.GetString(2)),
            r.IsDBNull(3) ? null : r.GetString(3),
            r.IsDBNull(4) ? "" : r.GetString(4)),
        r.GetInt64(5),
        r.IsDBNull(6) ? null : r.GetString(6),
        r.GetBoolean(7),
        JsonElement.Parse(r.GetString(8)));

    private static Member Combine(InboundEvent e, Dictionary<(Platform, string), Role> granted) => new(
        e.Channel.Platform,
        e.UserId,
        e.UserName,
        granted.TryGetValue((e.Channel.Platform, e.UserId), out var role) && role > e.UserRole ? role : e.UserRole);

    private static async ValueTask<Member> WaitAsync(InboundEvent e, ValueTask<Dictionary<(Platform, string), Role>> roles) =>
        Combine(e, await roles);

    private async Task<Entity> LoadAsync(ChannelId channel, CancellationToken ct) =>
        (await KeepAsync(channel, async c => await FindAsync(_db.Write, c, ct) ?? await CreateAsync(c, ct)))!;

    private async Task<Entity?> KeepAsync(ChannelId channel, Func<ChannelId, Task<Entity?>> load)
    {
        var forgotten = Volatile.Read(ref _forgotten);
        if (await load(channel) is not { } entity)
        {
            return null;
        }

        _entities[channel] = entity;
        if (Volatile.Read(ref _forgotten) != forgotten)
        {
            // Something changed while this was read, perhaps this.
            _entities.TryRemove(channel, out _);
        }

        return entity;
    }

    /// <summary>
    /// New channels join the community of their server; a server seen for the first time gets a community of its own,
    /// so that strangers never share what they store.
    /// </summary>
    private Task<Entity> CreateAsync(ChannelId channel, CancellationToken ct)
    {
        var platform = channel.Platform.Name();
        var server = channel.Server ?? channel.Channel;
        return _db.TransactionAsync(
            async transaction =>
            {
                await transaction.ExecuteAsync(
                    $"select pg_advisory_xact_lock(hashtextextended({$"server:{platform}:{server}"}, 0))", ct);
                if (await FindAsync(transaction, channel, ct) is { } made)
                {
                    return made;
                }

                var community = await CommunityAsync(transaction, platform, server, ct);
                await transaction.ExecuteAsync(
                    $"""
                    insert into kernel.entities (entity_id, platform, server_id, channel_id, community_id, created_at,
                        updated_at)
                    values ({channel.ToString()}, {platform}, {channel.Server}, {channel.Channel}, {community},
                        {_clock.GetUtcNow()}, {_clock.GetUtcNow()})
                    """,
                    ct);
                return (await FindAsync(transaction, channel, ct))!;
            },
            ct);
    }

    private async Task<long> CommunityAsync(
        Transaction transaction, string platform, string server, CancellationToken ct)
    {
        if (await transaction.ListAsync(
                $"select community_id from kernel.community_servers where platform = {platform} and server_id = {server}", r => r.GetInt64(0), ct) is [var known])
        {
            return known;
        }

        var name = $"{platform} {(server.Length > 150 ? server[..150] : server)} {Guid.NewGuid().ToString("N")[..8]}";
        var community = await transaction.ValueAsync<long>(
            $"insert into kernel.communities (name, created_at, updated_at) values ({name}, {_clock.GetUtcNow()}, {_clock.GetUtcNow()}) returning id", ct);
        await transaction.ExecuteAsync(
            $"insert into kernel.community_servers (platform, server_id, community_id) values ({platform}, {server}, {community})", ct);
        return community;
    }

    private static Task<Entity?> FindAsync(
        Session session, ChannelId channel, CancellationToken ct) => session.FindAsync(
        $"""
        select e.id, e.entity_id, e.platform, e.server_id, e.channel_id, e.community_id, e.owner, e.is_active
            and c.is_active, e.config::text
        from kernel.entities e join kernel.communities c on c.id = e.community_id
        where e.entity_id = {channel.ToString()}
        """,
        Read,
        ct);

    private async Task<Dictionary<(Platform, string), Role>> LoadRolesAsync(long community)
    {
        var rows = await _db.Write.ListAsync(
            $"select platform, user_id, role from kernel.member_roles where community_id = {community}",
            r =>
                (
                    Platforms.Parse(r.GetString(0)),
                    r.GetString(1),
                    Roles.TryParse(r.GetString(2), out var role) ? role : Role.Member),
            CancellationToken.None);
        return rows.ToDictionary(r => (r.Item1, r.Item2), r => r.Item3);
    }

    /// <summary>
    /// Reads an entity anew. A notification does the same; the node that changed it need not wait for it.
    /// </summary>
    /// <param name="entityId">Anything that is no entity's id forgets all.</param>
    internal void Forget(string entityId)
    {
        Interlocked.Increment(ref _forgotten);
        if (ChannelId.TryParse(entityId, out var channel))
        {
            _entities.TryRemove(channel, out _);
        }
        else
        {
            _entities.Clear();
            _keys.Clear();
        }
    }

    /// <inheritdoc cref="Forget"/>
    internal void ForgetRoles(long community) => _roles.Forget(community);
}
