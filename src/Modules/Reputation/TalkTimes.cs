using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Rookery.Kernel.Chat;

namespace Rookery.Modules.Reputation;

/// <summary>
/// When each member's talk was last scored, as far as this node knows. After a restart, or when very many talk at once,
/// somebody's next line may be scored before its time.
/// </summary>
internal sealed class TalkTimes(int most = 100_000)
{
    private readonly ConcurrentDictionary<Key, DateTimeOffset> _until = new();

    /// <summary>Takes the member's turn, if it has come.</summary>
    /// <param name="every">How long the next turn is away then.</param>
    public bool TryTake(long community, Platform platform, string user, TimeSpan every, DateTimeOffset now)
    {
        var key = new Key(community, platform, user);
        if (_until.TryGetValue(key, out var until) && until > now)
        {
            return false;
        }

        if (_until.Count >= most)
        {
            Forget(now);
        }

        _until[key] = now + every;
        return true;
    }

    /// <summary>What took the turn was not scored after all.</summary>
    public void GiveBack(long community, Platform platform, string user) => _until.TryRemove(new Key(community, platform, user), out _);

    private void Forget(DateTimeOffset now)
    {
        foreach (var entry in _until.Where(e => e.Value <= now))
        {
            _until.TryRemove(entry);
        }

        if (_until.Count >= most)
        {
            _until.Clear();
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Key(long Community, Platform Platform, string User);
}
