-- Who has the code may bring a channel of their own to the guild, and gets no right by it.
create table live.invite_links (
    id         uuid primary key default gen_random_uuid(),
    guild_id   text not null references live.guilds on delete cascade,
    code       text not null unique check (code ~ '^[0-9a-f]{6,32}$'),
    created_by text not null,
    expires_at timestamptz,
    max_uses   integer not null default 0 check (max_uses >= 0),
    use_count  integer not null default 0 check (use_count >= 0),
    created_at timestamptz default now(),
    check (max_uses = 0 or use_count <= max_uses)
);
comment on column live.invite_links.expires_at is 'null: never';
comment on column live.invite_links.max_uses is '0: as often as it is used';
create index invite_links_guild on live.invite_links (guild_id, id);

create table live.invite_uses (
    invite_id   uuid not null references live.invite_links on delete cascade,
    streamer_id uuid not null references live.streamers on delete cascade,
    user_id     text not null references live.users on delete cascade,
    used_at     timestamptz not null default now(),
    primary key (invite_id, streamer_id)
);
comment on table live.invite_uses is 'which channel came with a code, so that the same one coming again uses nothing up while it is followed';
create index invite_uses_streamer on live.invite_uses (streamer_id);
create index invite_uses_user on live.invite_uses (user_id);

alter table live.guilds add column archived_at timestamptz;
comment on column live.guilds.archived_at is 'nothing was posted for long and nothing could be; it is back as soon as somebody uses it';

-- Whoever changes how a guild is told, or whom it follows, uses it.
create function live.revive_guild() returns trigger language plpgsql as $$
begin
    update live.guilds set archived_at = null where guild_id = new.guild_id and archived_at is not null;
    return null;
end
$$;
create trigger used after insert or update of version on live.guild_config
    for each row execute function live.revive_guild();
create trigger used after insert or update of enabled, channel_id on live.guild_streamers
    for each row execute function live.revive_guild();
create trigger watched after update of archived_at, left_at on live.guilds
    for each row when ((old.archived_at, old.left_at) is distinct from (new.archived_at, new.left_at))
    execute function kernel.notify_change('stream_watch', 'guild_id');

alter table live.guild_config
    add column updated_by text,
    add column bell       boolean not null default true,
    add column told_at    timestamptz;
comment on column live.guild_config.bell is 'whether posts have the button with which members choose whether it rings for them';
comment on column live.guild_config.told_at is 'when those who administer the guild were last told that something fails';

alter table live.guild_streamers
    add column role_id            text,
    add column role_problem       text,
    add column role_failing_since timestamptz,
    add column role_retry_at      timestamptz;
comment on column live.guild_streamers.role_id is 'a role that is the streamer''s in this guild: posts mention it, members take and drop it';
comment on column live.guild_streamers.role_problem is 'why the role of a member does not follow';
comment on column live.guild_streamers.role_failing_since is 'since when there is a member whose role does not follow';
comment on column live.guild_streamers.role_retry_at is 'when it is tried again, with one of these members';

alter table live.user_preferences
    add column via        text    not null default 'role' check (via in ('role', 'dm')),
    add column version    integer not null default 1,
    add column applied    integer not null default 0,
    add column change_key text,
    add column failed     boolean not null default false;
comment on column live.user_preferences.via is 'role: with the streamer''s role; dm: by a direct message';
comment on column live.user_preferences.version is 'counts changes';
comment on column live.user_preferences.applied is 'the version up to which the member''s role follows, or was tried';
comment on column live.user_preferences.change_key is 'what is under way in the outbox to make it follow';
comment on column live.user_preferences.failed is 'the last try to make it follow failed, and is made again';
create index user_preferences_behind on live.user_preferences (guild_id, streamer_id) where applied < version;
create index user_preferences_changing on live.user_preferences (change_key) where change_key is not null;
create index user_preferences_failed on live.user_preferences (guild_id, streamer_id, version, user_id) where failed;
create index user_preferences_streamer on live.user_preferences (streamer_id, guild_id);

-- Roles that nobody needs any more and that are to be removed from their server.
create table live.old_roles (
    guild_id text not null references live.guilds on delete cascade,
    role_id  text not null,
    since    timestamptz not null default now(),
    primary key (guild_id, role_id)
);

-- What fails is looked for every few seconds.
create index notification_log_failed on live.notification_log (guild_id, id) where status = 'failed';
create index guild_config_paused on live.guild_config (guild_id) where paused_reason is not null;
create index guild_streamers_role_problem on live.guild_streamers (guild_id) where role_problem is not null;
create index guild_streamers_role_retry on live.guild_streamers (role_retry_at) where role_retry_at is not null;
