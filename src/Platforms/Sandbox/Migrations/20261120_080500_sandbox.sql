create schema sandbox;

-- A writer holds its channel's row until it commits, so positions and ids of one channel become visible in their order
-- and a reader that goes on after the last one it saw misses nothing.
create table sandbox.channels (
    name            text primary key check (length(name) between 1 and 255),
    title           text not null check (length(title) between 1 and 255),
    entity_id       text not null
                    generated always as ('sandbox:' || replace(replace(name, '%', '%25'), ':', '%3A')) stored,
    last_message_at timestamptz,
    created_at      timestamptz not null default now()
);
comment on column sandbox.channels.entity_id is 'kernel.entities.entity_id of the channel, once somebody spoke in it';
insert into sandbox.channels (name, title) values ('lobby', 'Lobby');

create sequence sandbox.positions;

create table sandbox.messages (
    id             bigint generated always as identity primary key,
    channel        text not null references sandbox.channels,
    position       bigint not null default nextval('sandbox.positions'),
    author_id      text not null check (length(author_id) between 1 and 255),
    author_name    text not null check (length(author_name) between 1 and 255),
    author_role    text not null default 'member'
                   check (author_role in ('member', 'vip', 'subscriber', 'moderator', 'admin', 'owner')),
    is_bot         boolean not null default false,
    body           text not null,
    reply_to       bigint,
    mention        text,
    mention_name   text,
    action         text not null default 'chat' check (action in ('chat', 'media', 'ticker', 'general', 'form')),
    response       jsonb,
    outbox_key     text unique,
    created_at     timestamptz not null,
    deleted_at     timestamptz,
    deleted_reason text,
    check (is_bot = (outbox_key is not null)),
    check (is_bot or length(body) between 1 and 2000)
);
comment on column sandbox.messages.position is 'of the latest change (made or deleted); readers ask for what came after one';
comment on column sandbox.messages.reply_to is 'the message this answers; it may be gone';
comment on column sandbox.messages.mention is 'user id of whom a bot message addresses';
comment on column sandbox.messages.response is 'what the module answered';
comment on column sandbox.messages.outbox_key is 'idempotency key of the sending: a key makes one message, however often it is sent';
create index messages_channel on sandbox.messages (channel, id);
create index messages_changes on sandbox.messages (channel, position);
create index messages_author on sandbox.messages (author_id) where not is_bot;
create index messages_mention on sandbox.messages (mention) where mention is not null;
create index messages_created on sandbox.messages (created_at);
create trigger changed after insert or update on sandbox.messages
    for each row execute function kernel.notify_change('sandbox', 'channel');
