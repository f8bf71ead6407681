create schema live;

create table live.users (
    user_id    text primary key check (user_id <> ''),
    username   text not null,
    avatar     text,
    created_at timestamptz default now(),
    last_login timestamptz default now()
);

comment on column live.users.user_id is 'Discord''s id; people of other platforms have theirs with the platform before it';

-- A place with an administration of its own: a Discord server, a Slack workspace, a channel of the sandbox.
create table live.guilds (
    guild_id     text primary key check (guild_id <> ''),
    name         text not null,
    icon         text,
    owner_id     text,
    created_at   timestamptz default now(),
    platform     text not null check (platform in ('discord', 'slack', 'sandbox')),
    community_id bigint not null references kernel.communities,
    left_at      timestamptz
);
comment on column live.guilds.left_at is 'when the bot was put out; null: it is there';
create index guilds_community on live.guilds (community_id, guild_id);

create table live.guild_config (
    guild_id         text primary key references live.guilds on delete cascade,
    channel_id       text not null,
    mention_role_id  text,
    message_template jsonb not null,
    enabled          boolean default true,
    updated_at       timestamptz default now(),
    version          integer not null default 1,
    time_zone        text not null default 'UTC',
    paused_reason    text,
    paused_at        timestamptz
);
comment on column live.guild_config.paused_reason is 'why posts are not sent until somebody saves the settings again';

create table live.streamers (
    id                    uuid primary key default gen_random_uuid(),
    twitch_broadcaster_id text unique not null,
    twitch_login          text not null check (twitch_login = lower(twitch_login)),
    twitch_display_name   text,
    twitch_avatar_url     text,
    twitch_access_token   text,
    twitch_refresh_token  text,
    created_at            timestamptz default now(),
    last_updated          timestamptz default now(),
    last_ended_at         timestamptz
);
comment on column live.streamers.last_ended_at is 'the latest end that was told: a stream that began before it is over, though its start is told later';
comment on column live.streamers.twitch_access_token is 'always null: nothing here needs the token of a streamer';
comment on column live.streamers.twitch_refresh_token is 'always null: nothing here needs the token of a streamer';
create index streamers_login on live.streamers (twitch_login);

create table live.guild_streamers (
    guild_id           text references live.guilds on delete cascade,
    streamer_id        uuid references live.streamers on delete cascade,
    enabled            boolean default true,
    added_by           text references live.users,
    added_at           timestamptz default now(),
    custom_content     text check (length(custom_content) between 1 and 2000),
    channel_id         text,
    quiet_from         time,
    quiet_to           time,
    filter             text check (length(filter) between 1 and 1000),
    reannounce_minutes integer not null default 10 check (reannounce_minutes between 0 and 1440),
    live_update        boolean not null default true,
    on_end             text not null default 'edit' check (on_end in ('none', 'edit', 'delete')),
    primary key (guild_id, streamer_id),
    check ((quiet_from is null) = (quiet_to is null))
);
comment on column live.guild_streamers.quiet_from is 'wall clock in the zone of the guild; from then to quiet_to nothing is posted';
comment on column live.guild_streamers.filter is 'an expression; a stream for which it is false is not posted';
create index idx_guild_streamers_guild on live.guild_streamers (guild_id);
create index idx_guild_streamers_streamer on live.guild_streamers (streamer_id, guild_id);
create trigger watched after insert or delete on live.guild_streamers
    for each row execute function kernel.notify_change('stream_watch', 'streamer_id');

create table live.user_preferences (
    user_id               text references live.users on delete cascade,
    guild_id              text references live.guilds on delete cascade,
    streamer_id           uuid references live.streamers on delete cascade,
    notifications_enabled boolean default true,
    created_at            timestamptz default now(),
    updated_at            timestamptz default now(),
    primary key (user_id, guild_id, streamer_id)
);
create index idx_user_preferences_user on live.user_preferences (user_id);
create index idx_user_preferences_guild on live.user_preferences (guild_id);

create table live.eventsub_subscriptions (
    streamer_id     uuid references live.streamers on delete cascade,
    subscription_id text unique not null,
    status          text not null,
    created_at      timestamptz default now(),
    last_verified   timestamptz default now(),
    type            text not null,
    reason          text,
    unique (streamer_id, type)
);
comment on column live.eventsub_subscriptions.subscription_id is 'Twitch''s; for one that Twitch refused, refused: and what was asked for';

-- One stream of a streamer: what is known of it, and how far it is told to the guilds.
create table live.broadcasts (
    id            uuid primary key,
    streamer_id   uuid not null references live.streamers on delete cascade,
    event_id      text not null,
    started_at    timestamptz not null,
    state         text not null default 'lookup' check (state in ('lookup', 'posting', 'live', 'closing', 'closed')),
    title         text,
    game          text,
    viewer_count  integer,
    thumbnail_url text,
    vod_url       text,
    ended_at      timestamptz,
    version       integer not null default 1,
    attempts      integer not null default 0,
    next_try_at   timestamptz,
    lease         uuid,
    after_guild   text not null default '',
    unseen_since  timestamptz,
    counted_at    timestamptz,
    created_at    timestamptz not null,
    posted_at     timestamptz,
    unique (streamer_id, event_id),
    unique (streamer_id, started_at)
);
comment on column live.broadcasts.event_id is 'Twitch''s id of the stream';
comment on column live.broadcasts.version is 'counts changes that posts show';
comment on column live.broadcasts.after_guild is 'the guilds up to this one have their row';
comment on column live.broadcasts.unseen_since is 'when Twitch did not name the stream among the live ones for the first time since it last did';
comment on column live.broadcasts.counted_at is 'when the viewers were last taken over';
create index broadcasts_due on live.broadcasts (next_try_at) where next_try_at is not null;
create index broadcasts_open on live.broadcasts (streamer_id) where ended_at is null;
create index broadcasts_ended on live.broadcasts (ended_at) where ended_at is not null;
create trigger work after insert or update of state on live.broadcasts
    for each statement execute function kernel.notify_work('live_broadcasts');

create table live.notification_log (
    id                uuid primary key default gen_random_uuid(),
    guild_id          text references live.guilds on delete cascade,
    streamer_id       uuid references live.streamers on delete cascade,
    event_id          text not null,
    sent_at           timestamptz default now(),
    broadcast_id      uuid,
    status            text not null default 'pending' check (status in ('pending', 'sent', 'failed', 'skipped')),
    reason            text,
    channel_id        text,
    message_id        text,
    attempts          integer not null default 0,
    outbox_key        text,
    edit_key          text,
    edit_after        timestamptz,
    delete_at         timestamptz,
    shown_version     integer not null default 1,
    continues         uuid,
    is_over           boolean not null default false,
    title             text,
    stream_started_at timestamptz,
    ended_at          timestamptz,
    unique (guild_id, event_id)
);
comment on column live.notification_log.sent_at is 'when the row was made, and once sent when that was';
comment on column live.notification_log.broadcast_id is 'no reference, which ten thousand rows at once would look up one by one: who writes them writes the broadcast in the same transaction';
comment on column live.notification_log.reason is 'why it failed or was skipped';
comment on column live.notification_log.edit_after is 'the last edit failed, and is made again at this time';
comment on column live.notification_log.delete_at is 'the stream is over, and the post goes at this time unless the stream begins again';
comment on column live.notification_log.shown_version is 'the broadcast''s version that the post shows or is about to show';
comment on column live.notification_log.continues is 'the row whose post this one goes on with, after the stream broke off';
comment on column live.notification_log.is_over is 'the post is not to be touched any more';
create index idx_notification_log_event on live.notification_log (event_id);
create index notification_log_streamer on live.notification_log (streamer_id, guild_id);
create index notification_log_waiting on live.notification_log (outbox_key) where status = 'pending';
-- Rows come in the order of time, and nothing but the nightly sweep asks for it.
create index notification_log_age on live.notification_log using brin (sent_at);
