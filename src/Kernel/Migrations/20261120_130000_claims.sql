-- Claims with fencing. Every claim gets a greater token; a row without one is nobody's, so the token alone names a claim.
create sequence kernel.fencing_tokens;
alter table kernel.coordination
    add column fencing_token bigint, add column retry_at timestamptz, add column last_error text;
comment on column kernel.coordination.fencing_token is 'names the claim that holds the row; null: nobody does';
comment on column kernel.coordination.retry_at is 'not to be claimed before: it failed';
comment on column kernel.coordination.last_error is 'why it failed last';
comment on column kernel.coordination.claimed_by is 'the id of a node';
comment on column kernel.coordination.max_containers is 'a row has one holder at a time; what several may hold is put up as several rows';
create index coordination_fence on kernel.coordination (fencing_token) where fencing_token is not null;

-- Whoever lost a row, and whoever could take it, hears of it at once. First claims and check-ins tell nobody.
create trigger passed_on after update on kernel.coordination for each row
    when (old.claimed_by is not null and new.claimed_by is distinct from old.claimed_by)
    execute function kernel.notify_change('coordination', 'entity_id');
create trigger put_up after insert or delete on kernel.coordination
    for each row execute function kernel.notify_change('coordination', 'entity_id');
create trigger changed after insert or update or delete on twitch.twitch_channels
    for each row execute function kernel.notify_change('twitch_channels', 'channel_id');

-- When the next shard of a bucket may identify, whichever node runs it.
create table discord.identify_turns (
    bucket  integer primary key,
    next_at timestamptz not null
);
-- What a shard was told of its servers: a session that is resumed elsewhere is not told it again.
create table discord.guild_pictures (
    guild_id    text primary key,
    owner_id    text,
    permissions jsonb not null default '{}',
    updated_at  timestamptz not null default now()
);
comment on column discord.guild_pictures.permissions is 'by role';
