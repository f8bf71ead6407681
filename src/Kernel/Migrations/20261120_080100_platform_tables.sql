-- The tables of the collectors, alike on the three platforms. Their writers are the platforms' own code.
create schema discord;
create schema twitch;
create schema slack;

create table discord.discord_tokens (
    guild_id       text primary key,
    access_token   text not null,
    refresh_token  text,
    expires_at     timestamptz,
    token_type     text not null default 'Bot',
    scope          text,
    application_id text,
    public_key     text,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now()
);
create table twitch.twitch_tokens (
    user_id       text primary key,
    access_token  text not null,
    refresh_token text,
    expires_at    timestamptz,
    token_type    text not null default 'bearer',
    scope         text,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now()
);
create table slack.slack_tokens (
    team_id       text primary key,
    access_token  text not null,
    refresh_token text,
    expires_at    timestamptz,
    token_type    text not null default 'bot',
    scope         text,
    user_token    text,
    app_id        text,
    enterprise_id text,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now()
);
comment on column discord.discord_tokens.access_token is 'sealed by the secret box, base64';
comment on column twitch.twitch_tokens.access_token is 'sealed by the secret box, base64';
comment on column slack.slack_tokens.access_token is 'sealed by the secret box, base64';

create table discord.discord_guilds (
    guild_id   text primary key,
    name       text not null,
    owner_id   text,
    config     jsonb not null default '{}',
    is_active  boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create table slack.slack_guilds (
    guild_id   text primary key,
    name       text not null,
    owner_id   text,
    config     jsonb not null default '{}',
    is_active  boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on column slack.slack_guilds.guild_id is 'the team id';
create table twitch.twitch_channels (
    channel_id       text primary key,
    broadcaster_id   text not null unique,
    broadcaster_name text not null,
    config           jsonb not null default '{}',
    is_active        boolean not null default true,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now()
);

create table discord.discord_events (
    event_id     text not null,
    event_type   text not null,
    platform_ids jsonb not null default '{}',
    event_data   jsonb not null default '{}',
    processed    boolean not null default false,
    processed_at timestamptz,
    created_at   timestamptz not null default now(),
    primary key (event_id, created_at)
) partition by range (created_at);
create table twitch.twitch_events (
    event_id     text not null,
    event_type   text not null,
    platform_ids jsonb not null default '{}',
    event_data   jsonb not null default '{}',
    processed    boolean not null default false,
    processed_at timestamptz,
    created_at   timestamptz not null default now(),
    primary key (event_id, created_at)
) partition by range (created_at);
create table slack.slack_events (
    event_id     text not null,
    event_type   text not null,
    platform_ids jsonb not null default '{}',
    event_data   jsonb not null default '{}',
    processed    boolean not null default false,
    processed_at timestamptz,
    created_at   timestamptz not null default now(),
    primary key (event_id, created_at)
) partition by range (created_at);

create table discord.discord_activities (
    id              bigint generated always as identity,
    event_id        text not null,
    activity_type   text not null,
    user_id         text not null,
    username        text not null,
    amount          numeric not null default 0,
    context_sent    boolean not null default false,
    reputation_sent boolean not null default false,
    created_at      timestamptz not null default now(),
    primary key (id, created_at)
) partition by range (created_at);
create table twitch.twitch_activities (
    id              bigint generated always as identity,
    event_id        text not null,
    activity_type   text not null,
    user_id         text not null,
    username        text not null,
    amount          numeric not null default 0,
    context_sent    boolean not null default false,
    reputation_sent boolean not null default false,
    created_at      timestamptz not null default now(),
    primary key (id, created_at)
) partition by range (created_at);
create table slack.slack_activities (
    id              bigint generated always as identity,
    event_id        text not null,
    activity_type   text not null,
    user_id         text not null,
    username        text not null,
    amount          numeric not null default 0,
    context_sent    boolean not null default false,
    reputation_sent boolean not null default false,
    created_at      timestamptz not null default now(),
    primary key (id, created_at)
) partition by range (created_at);
create index discord_activities_user on discord.discord_activities (user_id, created_at);
create index twitch_activities_user on twitch.twitch_activities (user_id, created_at);
create index slack_activities_user on slack.slack_activities (user_id, created_at);
