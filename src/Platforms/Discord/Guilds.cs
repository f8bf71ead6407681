using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Rookery.Kernel.Chat;
using Rookery.Platforms.Discord.Gateway;

namespace Rookery.Platforms.Discord;

/// <summary>
/// The servers this node is told about: who owns them and what their roles may do, which is what a member's role here
/// comes from; and who is in voice there.
/// </summary>
internal sealed class Guilds(TimeProvider clock)
{
    private const ulong Admins = Permissions.Administrator | Permissions.ManageGuild;
    private const ulong Moderators =
        Permissions.KickMembers | Permissions.BanMembers | Permissions.ManageMessages | Permissions.ModerateMembers;

    private readonly ConcurrentDictionary<string, Guild> _guilds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _changed = new(StringComparer.Ordinal);

    /// <summary>Takes in what a dispatch says about a server, if it says anything.</summary>
    /// <exception cref="JsonException">It is not what Discord documents.</exception>
    /// <returns>False when it says what is known: a member in voice who mutes is told like one who moves.</returns>
    public bool Note(string type, ReadOnlySpan<byte> data)
    {
        switch (type)
        {
            case EventTypes.GuildCreate or EventTypes.GuildUpdate:
                Set(JsonSerializer.Deserialize(data, DiscordJson.Default.GuildEvent)!);
                break;
            case EventTypes.GuildDelete:
                var gone = JsonSerializer.Deserialize(data, DiscordJson.Default.GuildEvent)!;
                if (!gone.Unavailable)
                {
                    _guilds.TryRemove(gone.Id, out _);
                    _changed[gone.Id] = true;
                }
                else if (_guilds.TryGetValue(gone.Id, out var away))
                {
                    away.Voice.Clear();
                    _changed[gone.Id] = true;
                }

                break;
            case EventTypes.RoleCreate or EventTypes.RoleUpdate or EventTypes.RoleDelete:
                Set(JsonSerializer.Deserialize(data, DiscordJson.Default.GuildRoleEvent)!);
                break;
            case EventTypes.VoiceState:
                var voice = JsonSerializer.Deserialize(data, DiscordJson.Default.VoiceEvent)!;
                return voice.GuildId is { } guild && MoveVoice(guild, voice);
            default:
                break;
        }

        return true;
    }

    private void Set(GuildEvent guild)
    {
        var known = _guilds.GetOrAdd(guild.Id, _ => new Guild());
        known.OwnerId = guild.OwnerId ?? known.OwnerId;
        foreach (var role in guild.Roles ?? [])
        {
            known.Permissions[role.Id] = Permissions.Parse(role.Permissions);
        }

        if (guild.VoiceStates is { } states)
        {
            SetVoice(known, states, guild.Members ?? []);
        }

        _changed[guild.Id] = true;
    }

    /// <summary>A new session tells anew who is in voice; whoever was there all along has not come just now.</summary>
    private void SetVoice(Guild guild, IReadOnlyList<VoiceEvent> states, IReadOnlyList<DiscordMember> members)
    {
        var people = members.Where(m => m.User is not null).ToLookup(m => m.User!.Id, StringComparer.Ordinal);
        var there = states.Where(s => s is { ChannelId: not null, UserId: not null }).ToList();
        foreach (var user in guild.Voice.Keys.Except(there.Select(s => s.UserId), StringComparer.Ordinal))
        {
            guild.Voice.TryRemove(user, out _);
        }

        foreach (var state in there)
        {
            Enter(guild, state, state.Member ?? people[state.UserId].FirstOrDefault());
        }
    }

    private void Set(GuildRoleEvent e)
    {
        var known = _guilds.GetOrAdd(e.GuildId, _ => new Guild());
        _changed[e.GuildId] = true;
        if (e.Role is { } role)
        {
            known.Permissions[role.Id] = Permissions.Parse(role.Permissions);
        }
        else if (e.RoleId is { } gone)
        {
            known.Permissions.TryRemove(gone, out _);
        }
    }

    /// <returns>False when they were there already.</returns>
    private bool MoveVoice(string guild, VoiceEvent voice)
    {
        var known = _guilds.GetOrAdd(guild, _ => new Guild());
        var before = known.Voice.GetValueOrDefault(voice.UserId)?.Channel;
        if (voice.ChannelId is null)
        {
            known.Voice.TryRemove(voice.UserId, out _);
        }
        else
        {
            Enter(known, voice, voice.Member);
        }

        _changed[guild] = true;
        return before != voice.ChannelId;
    }

    private void Enter(Guild guild, VoiceEvent voice, DiscordMember? member)
    {
        if (member?.User is not { Bot: true })
        {
            var name = member?.Nick ?? member?.User?.Name ?? voice.UserId;
            var since = guild.Voice.GetValueOrDefault(voice.UserId)?.Since ?? clock.GetUtcNow();
            guild.Voice[voice.UserId] = new InVoice(voice.UserId, name, voice.ChannelId!, since);
        }
    }

    /// <summary>A shard is this node's no more: who leaves voice in its servers, this node does not hear.</summary>
    public void ForgetVoice(int shard, int shards)
    {
        foreach (var (_, guild) in _guilds.Where(g => IsOf(g.Key, shard, shards)))
        {
            guild.Voice.Clear();
        }
    }

    /// <summary>Who is in voice, by server.</summary>
    public IEnumerable<(string Guild, IReadOnlyList<InVoice> People)> InVoice() => _guilds
        .Where(g => !g.Value.Voice.IsEmpty)
        .Select(g => (g.Key, (IReadOnlyList<InVoice>)[.. g.Value.Voice.Values]));

    /// <summary>The servers of a shard that changed since the last time this was asked.</summary>
    public IReadOnlyList<GuildPicture> TakeChanged(int shard, int shards) =>
    [
        .. _changed.Keys.Where(id => IsOf(id, shard, shards) && _changed.TryRemove(id, out _)).Select(id => _guilds.TryGetValue(id, out var guild)
            ? new GuildPicture(id, guild.OwnerId, guild.Permissions.ToDictionary(StringComparer.Ordinal), [.. guild.Voice.Values])
            : new GuildPicture(id, null, null, [])),
    ];

    /// <summary>What was taken could not be kept: it is to be taken again.</summary>
    public void Untake(IEnumerable<GuildPicture> taken)
    {
        foreach (var picture in taken)
        {
            _changed[picture.GuildId] = true;
        }
    }

    /// <summary>Takes in what who had the shard before knew, in place of what this node knew of an earlier time.</summary>
    public void Restore(GuildPicture picture)
    {
        var guild = new Guild { OwnerId = picture.OwnerId };
        foreach (var (role, permissions) in picture.Permissions ?? new Dictionary<string, ulong>(StringComparer.Ordinal))
        {
            guild.Permissions[role] = permissions;
        }

        foreach (var person in picture.Voice)
        {
            guild.Voice[person.UserId] = person;
        }

        _guilds[picture.GuildId] = guild;
    }

    public Role RoleOf(string? guild, string user, DiscordMember? member)
    {
        if (guild is null)
        {
            return Role.Member;
        }

        _guilds.TryGetValue(guild, out var known);
        if (known?.OwnerId == user)
        {
            return Role.Owner;
        }

        var permissions = Permissions.Parse(member?.Permissions);
        for (var i = 0; i < member?.Roles?.Count; i++)
        {
            permissions |= known?.Permissions.GetValueOrDefault(member.Roles[i]) ?? 0;
        }

        return (permissions & Admins) != 0 ? Role.Admin
            : (permissions & Moderators) != 0 ? Role.Moderator
            : member?.PremiumSince is not null ? Role.Subscriber
            : Role.Member;
    }

    /// <summary>Whether the roles of a member, and the one that everybody has, let them administer the server.</summary>
    public static bool MayAdminister(GuildEvent guild, IReadOnlyList<string> roles) => (guild.Roles ?? [])
        .Where(r => r.Id == guild.Id || roles.Contains(r.Id, StringComparer.Ordinal))
        .Any(r => (Permissions.Parse(r.Permissions) & Admins) != 0);

    /// <remarks>Source: Discord developer documentation, Sharding formula.</remarks>
    private static bool IsOf(string guild, int shard, int shards) =>
        ulong.TryParse(guild, CultureInfo.InvariantCulture, out var snowflake) && (int)((snowflake >> 22) % (ulong)shards) == shard;

    private sealed class Guild
    {
        public string? OwnerId { get; set; }

        public ConcurrentDictionary<string, InVoice> Voice { get; } = new(StringComparer.Ordinal);

        public ConcurrentDictionary<string, ulong> Permissions { get; } = new(StringComparer.Ordinal);
    }
}

/// <param name="Since">When they came into voice here, or when this node first heard of it.</param>
internal sealed record InVoice(string UserId, string UserName, string Channel, DateTimeOffset Since);

/// <summary>What decides about roles in a server, and who is in voice there.</summary>
/// <param name="Permissions">By role; null: the bot is not there any more.</param>
internal sealed record GuildPicture(
    string GuildId, string? OwnerId, IReadOnlyDictionary<string, ulong>? Permissions, IReadOnlyList<InVoice> Voice);
