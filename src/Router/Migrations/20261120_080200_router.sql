create schema router;

create table router.commands (
    id             bigint generated always as identity primary key,
    command        text not null check (command = lower(command) and length(command) between 1 and 100 and command !~ '\s'),
    prefix         text not null check (prefix in ('!', '#')),
    description    text not null default '',
    location_url   text not null,
    location       text not null check (location in ('internal', 'community')),
    type           text not null default 'container' check (type in ('container', 'lambda', 'openwhisk', 'webhook')),
    method         text not null default 'POST' check (method in ('GET', 'POST', 'PUT', 'PATCH', 'DELETE')),
    timeout        integer not null default 30 check (timeout between 1 and 300),
    headers        jsonb not null default '{}',
    auth_required  boolean not null default false,
    rate_limit     integer not null default 0 check (rate_limit >= 0),
    is_active      boolean not null default true,
    module_type    text not null default 'action' check (module_type in ('trigger', 'action', 'core')),
    module_id      text,
    version        text not null default '1.0.0',
    trigger_type   text not null default 'command' check (trigger_type in ('command', 'event', 'both')),
    event_types    jsonb not null default '[]' check (jsonb_typeof(event_types) = 'array'),
    priority       integer not null default 100,
    execution_mode text not null default 'sequential' check (execution_mode in ('sequential', 'parallel')),
    aliases        text[] not null default '{}',
    min_role       text not null default 'member'
                   check (min_role in ('member', 'vip', 'subscriber', 'moderator', 'admin', 'owner')),
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    check ((prefix = '!') = (location = 'internal'))
);
comment on column router.commands.command is 'name without its prefix; for event handlers that nobody types, the handler''s name';
comment on column router.commands.timeout is 'seconds';
comment on column router.commands.rate_limit is 'calls a minute for each command, channel and user; 0 is none';
comment on column router.commands.auth_required is 'the target wants credentials: every call is signed, and none is made without a secret';
comment on column router.commands.priority is 'lower runs first';
create unique index commands_name on router.commands (prefix, command) where is_active;
create index commands_location on router.commands (location, type);
create trigger changed after insert or update or delete on router.commands
    for each row execute function kernel.notify_change('commands', 'id');

create table router.command_permissions (
    id          bigint generated always as identity primary key,
    command_id  bigint not null references router.commands,
    entity_id   bigint not null references kernel.entities,
    is_enabled  boolean not null default true,
    config      jsonb not null default '{}' check (jsonb_typeof(config) = 'object'),
    permissions jsonb not null default '{}' check (jsonb_typeof(permissions) = 'object'),
    usage_count bigint not null default 0,
    last_used   timestamptz,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    unique (entity_id, command_id)
);
create trigger changed after insert or delete or update of is_enabled, config, permissions on router.command_permissions
    for each row execute function kernel.notify_change('command_permissions', 'entity_id');

-- created_at is the moment inside execution_id (a UUIDv7), so the id alone finds the partition.
create table router.command_executions (
    id                bigint generated always as identity,
    execution_id      uuid not null,
    command_id        bigint not null,
    entity_id         bigint not null,
    community_id      bigint not null,
    event_id          uuid not null,
    platform          text not null,
    user_id           text not null,
    user_name         text not null,
    message_id        text,
    message_content   text,
    parameters        jsonb not null default '[]',
    location_url      text not null,
    request_payload   jsonb,
    response_status   integer,
    response_data     jsonb,
    execution_time_ms integer,
    error_message     text,
    retry_count       integer not null default 0,
    status            text not null check (status in ('pending', 'success', 'failed')),
    session_id        text not null,
    trigger           text not null default 'command' check (trigger in ('command', 'event', 'rule')),
    node_id           uuid not null,
    delivery          text,
    created_at        timestamptz not null,
    completed_at      timestamptz,
    primary key (execution_id, created_at),
    check ((status = 'pending') = (completed_at is null))
) partition by range (created_at);
comment on column router.command_executions.event_id is 'the event that caused it, as in kernel.inbox; its first execution has the same id';
comment on column router.command_executions.node_id is 'the node that runs it';
comment on column router.command_executions.delivery is 'what became of an interactive reply: sent, or why not; null where the caller took it';
create index command_executions_entity on router.command_executions (entity_id, created_at);
create index command_executions_pending on router.command_executions (node_id) where status = 'pending';

create table router.rate_limits (
    id            bigint generated always as identity primary key,
    command_id    bigint not null,
    entity_id     bigint not null,
    user_id       text not null,
    window_start  timestamptz not null,
    request_count integer not null default 0,
    unique (command_id, entity_id, user_id, window_start)
);
comment on table router.rate_limits is 'refused calls; the live window is kept where the channel''s lane runs';
comment on column router.rate_limits.window_start is 'the minute of the refusals';
comment on column router.rate_limits.request_count is 'calls refused in that minute';
create index rate_limits_window on router.rate_limits (window_start);

create table router.module_responses (
    id                 bigint generated always as identity,
    execution_id       uuid not null,
    module_name        text not null,
    success            boolean not null,
    response_action    text not null check (response_action in ('chat', 'media', 'ticker', 'general', 'form')),
    response_data      jsonb,
    media_type         text check (media_type in ('music', 'video', 'image')),
    media_url          text,
    ticker_text        text,
    ticker_duration    integer check (ticker_duration between 1 and 3600),
    chat_message       text,
    error_message      text,
    processing_time_ms integer,
    created_at         timestamptz not null default now(),
    primary key (id, created_at)
) partition by range (created_at);
create index module_responses_execution on router.module_responses (execution_id);

-- What executions add to the counts below, appended with them and folded in afterwards, so that counts are exact
-- and a busy command is not one busy row. One row holds what one group commit adds; its arrays run in parallel.
create table router.usage_deltas (
    uses       integer not null,
    command_id bigint[] not null,
    entity_id  bigint[] not null,
    at         timestamptz[] not null,
    ok         boolean[] not null,
    ms         integer[] not null
);
comment on column router.usage_deltas.uses is 'what each execution adds to the uses: 1 when it begins, 0 when one that had begun ends';
comment on column router.usage_deltas.ok is 'how each ended; null where it has not';

create table router.command_stats (
    guild_id   text not null,
    command    text not null,
    ok         bigint not null default 0,
    err        bigint not null default 0,
    total_ms   bigint not null default 0,
    count      bigint not null default 0,
    updated_at timestamptz not null default now(),
    primary key (guild_id, command)
);
comment on column router.command_stats.guild_id is 'the community''s id; __global__ is all together';

create table router.command_stats_daily (
    day        date not null,
    guild_id   text not null,
    command    text not null,
    ok         bigint not null default 0,
    err        bigint not null default 0,
    total_ms   bigint not null default 0,
    count      bigint not null default 0,
    updated_at timestamptz not null default now(),
    primary key (day, guild_id, command)
);
