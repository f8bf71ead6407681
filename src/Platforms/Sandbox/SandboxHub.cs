using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;
using Rookery.Kernel.Security;

namespace Rookery.Platforms.Sandbox;

/// <summary>
/// Who listens where on this node. The change feed rings; each follower then fetches what it does not have yet.
/// </summary>
internal sealed class SandboxHub
{
    private readonly Lock _gate = new();
    private readonly HashSet<SandboxSocket> _sockets = [];
    private readonly Dictionary<string, Room> _rooms = new(StringComparer.Ordinal);
    private readonly SandboxStore _store;
    private readonly ApiKeys _keys;
    private readonly TimeProvider _clock;
    private readonly int _maxConnections;

    public SandboxHub(
        SandboxStore store, ApiKeys keys, ChangeFeed feed, TimeProvider clock, IOptions<SandboxOptions> options)
    {
        _store = store;
        _keys = keys;
        _clock = clock;
        _maxConnections = options.Value.MaxConnections;
        feed.On("sandbox", Ring);
        feed.On("api_keys", DropRefusedAsync);
    }

    /// <returns>False when this node has as many sockets as it may.</returns>
    public bool TryAdd(SandboxSocket socket)
    {
        lock (_gate)
        {
            return _sockets.Count < _maxConnections && _sockets.Add(socket);
        }
    }

    public void Remove(SandboxSocket socket)
    {
        lock (_gate)
        {
            _sockets.Remove(socket);
        }
    }

    /// <summary>From now on the follower is rung for the channel.</summary>
    public Room Enter(Follower follower, string channel)
    {
        lock (_gate)
        {
            if (!_rooms.TryGetValue(channel, out var room))
            {
                room = _rooms[channel] = new Room(channel, _store);
            }

            room.Followers.Add(follower);
            return room;
        }
    }

    /// <summary>The follower must be done with the room.</summary>
    public void Leave(Follower follower, Room room)
    {
        lock (_gate)
        {
            if (room.Followers.Remove(follower) && room.Followers.Count == 0)
            {
                _rooms.Remove(room.Channel);
                room.Dispose();
            }
        }
    }

    /// <param name="channel">Empty: any may have changed.</param>
    private void Ring(string channel)
    {
        lock (_gate)
        {
            foreach (var room in _rooms.Values.Where(r => channel.Length == 0 || r.Channel == channel))
            {
                room.Touch();
                foreach (var follower in room.Followers)
                {
                    follower.Ring();
                }
            }
        }
    }

    /// <summary>
    /// A socket lives on the key it was opened with: it goes when the key is revoked, narrowed or bound elsewhere.
    /// </summary>
    private async ValueTask DropRefusedAsync(string keyId)
    {
        SandboxSocket[] affected;
        lock (_gate)
        {
            affected = [.. _sockets.Where(s => keyId.Length == 0 || s.Caller.KeyId.ToString() == keyId)];
        }

        if (affected.Length == 0)
        {
            return;
        }

        var now = _clock.GetUtcNow();
        var live = (await _keys.ListAsync(CancellationToken.None))
            .Where(k => k.RevokedAt is null && (k.ExpiresAt is null || k.ExpiresAt > now))
            .ToDictionary(k => k.Id);
        foreach (var socket in affected)
        {
            if (!live.TryGetValue(socket.Caller.KeyId, out var key) || key.CommunityId != socket.Caller.Community
                || !socket.Caller.Scopes.SetEquals(key.Scopes))
            {
                socket.Drop();
            }
        }
    }
}
