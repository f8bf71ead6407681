using Microsoft.Extensions.Options;
using Rookery.Kernel.Data;

namespace Rookery.Platforms.Twitch.Irc;

/// <summary>
/// An account may enter 20 channels in 10 s; who does more is not let in anywhere for a while. Twitch counts what all nodes
/// do, so they take their turns from one row.
/// </summary>
/// <remarks>Source: dev.twitch.tv/docs/chat, "Rate limits".</remarks>
internal sealed class JoinTurns(Database db, IOptions<TwitchOptions> options, TimeProvider clock)
{
    public const int Most = 20;

    /// <summary>A second more than Twitch counts: what is sent evenly does not arrive evenly.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(11);

    /// <summary>Takes the right to enter one channel.</summary>
    /// <returns>How long to wait first, after which it counts as used.</returns>
    /// <exception cref="StorageUnavailableException">The database cannot be reached; no turn is taken.</exception>
    public async Task<TimeSpan> TakeAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var at = await db.Write.ValueAsync<DateTimeOffset>(
            $"""
            insert into twitch.join_turns as t (account, joins) values ({options.Value.BotUserId}, array[{now}])
            on conflict (account) do update
            set joins = t.joins[greatest(1, cardinality(t.joins) - {Most - 2}):]
                || greatest({now}, t.joins[cardinality(t.joins)], t.joins[cardinality(t.joins) - {Most - 1}] + {Window})
            returning joins[cardinality(joins)]
            """,
            ct);
        return at > now ? at - now : TimeSpan.Zero;
    }
}
