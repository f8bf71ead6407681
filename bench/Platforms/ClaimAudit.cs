using Npgsql;

namespace Rookery.Bench.Platforms;

/// <summary>
/// Writes down, in the database itself, who held what from when to when, and which events were committed by a node that
/// did not hold what they came under at the moment of the commit.
/// </summary>
internal static class ClaimAudit
{
    private const string History =
        """
        create schema bench;
        create table bench.claims (
            id bigint generated always as identity primary key, entity_id text not null, token bigint not null unique,
            holder text not null, taken_at timestamptz not null default clock_timestamp(), ended_at timestamptz);
        create table bench.effects (
            event_id text not null, platform text not null, entity_id text, node text not null,
            is_held boolean not null, holders text);
        create function bench.note_claim() returns trigger language plpgsql as $$
        begin
            if tg_op <> 'INSERT' and old.fencing_token is not null
               and (tg_op = 'DELETE' or new.fencing_token is distinct from old.fencing_token) then
                update bench.claims set ended_at = clock_timestamp() where token = old.fencing_token;
            end if;
            if tg_op <> 'DELETE' and new.fencing_token is not null
               and (tg_op = 'INSERT' or new.fencing_token is distinct from old.fencing_token
                    or new.claimed_by is distinct from old.claimed_by) then
                insert into bench.claims (entity_id, token, holder) values (new.entity_id, new.fencing_token, new.claimed_by);
            end if;
            return null;
        end $$;
        create trigger note_claim after insert or update or delete on kernel.coordination
            for each row execute function bench.note_claim();
        """;

    /// <summary>
    /// Each of two holds of a row must end before the other begins, and have the smaller token. A holder that changes
    /// without a new token violates a key, which is an error of the server's.
    /// </summary>
    public const string HeldByTwo =
        """
        select count(*) from bench.claims a join bench.claims b on a.entity_id = b.entity_id and a.id < b.id
        where a.token >= b.token or a.ended_at is null or a.ended_at > b.taken_at
        """;

    public const string Holds = "select count(*) from bench.claims";

    public const string Effects = "select count(*) from bench.effects";

    public const string LateEffects = "select count(*) from bench.effects where not is_held";

    public const string SomeLateEffects =
        "select platform || ' ' || event_id || ' of ' || coalesce(entity_id, 'any') || ' by ' || node || ', held by ' || coalesce(holders, 'nobody') "
        + "from bench.effects where not is_held limit 10";

    public static async Task BeginAsync(NpgsqlDataSource database, Transports transports, CancellationToken ct)
    {
        string[] platforms = ["discord", "twitch", "slack"];
#pragma warning disable CA2100 // Constants of this program.
        await using var command = database.CreateCommand(
            string.Join('\n', platforms.Select(p => Judge(p, transports.IsFenced(p))).Prepend(History)));
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Deferred: it looks when everything is written and nothing but the commit is to come, and sees what is committed
    /// by then. A socket of Slack is any of its rows, a shard of Discord is the only one.
    /// </summary>
    private static string Judge(string platform, string isFenced)
    {
        var entity = platform == "twitch" ? "'twitch:' || (e.platform_ids ->> 'channel_id')" : "null";
        return $"""
            create function bench.judge_{platform}() returns trigger language plpgsql as $$
            begin
                insert into bench.effects (event_id, platform, entity_id, node, is_held, holders)
                select e.event_id, '{platform}', {entity}, e.node_id::text, coalesce(h.is_held, false), h.holders
                from (select new.*) e, lateral (
                    select bool_or(c.claimed_by = e.node_id::text) as is_held,
                        string_agg(c.claimed_by || ' as ' || c.fencing_token, ', ') as holders
                    from kernel.coordination c
                    where c.platform = '{platform}' and c.entity_id = coalesce({entity}, c.entity_id)) h
                where {isFenced};
                return null;
            end $$;
            create constraint trigger judge after insert on {platform}.{platform}_events deferrable initially deferred
                for each row execute function bench.judge_{platform}();
            """;
    }
}
