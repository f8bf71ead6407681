create schema memories;

create table memories.memory_categories (
    id              bigint generated always as identity primary key,
    community_id    bigint not null constraint memory_categories_community references kernel.communities,
    name            text not null check (length(name) between 1 and 100),
    description     text not null default '' check (length(description) <= 2000),
    color           text not null default '#3b82f6' check (color ~ '^#[0-9a-f]{6}$'),
    icon            text not null default '📝' check (length(icon) between 1 and 50),
    platform        text check (platform in ('sandbox', 'discord', 'twitch', 'slack')),
    created_by      text,
    created_by_name text,
    created_at      timestamptz not null default now(),
    unique (community_id, id)
);
create unique index memory_categories_name on memories.memory_categories (community_id, lower(name));
create index memory_categories_creator on memories.memory_categories (platform, created_by);

create table memories.memories (
    id              bigint generated always as identity primary key,
    community_id    bigint not null constraint memories_community references kernel.communities,
    entity_id       text,
    memory_type     text not null check (memory_type in ('quote', 'url', 'note')),
    title           text not null check (length(title) between 1 and 500),
    content         text check (length(content) between 1 and 5000),
    url             text check (length(url) between 1 and 2000),
    author          text check (length(author) between 1 and 200),
    context         text check (length(context) between 1 and 2000),
    tags            jsonb not null default '[]' check (jsonb_typeof(tags) = 'array' and jsonb_array_length(tags) <= 20),
    category_id     bigint,
    platform        text check (platform in ('sandbox', 'discord', 'twitch', 'slack')),
    created_by      text,
    created_by_name text,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    is_active       boolean not null default true,
    usage_count     bigint not null default 0 check (usage_count >= 0),
    last_used       timestamptz,
    search          tsvector not null generated always as (
        setweight(to_tsvector('simple', title), 'A')
        || setweight(to_tsvector('simple', coalesce(author, '')), 'B')
        || setweight(jsonb_to_tsvector('simple', tags, '["string"]'), 'B')
        || setweight(to_tsvector('simple', coalesce(content, '')), 'C')
        || setweight(to_tsvector('simple', translate(coalesce(url, ''), ':/.?&=#_-%+', '           ')), 'D')) stored,
    unique (community_id, id),
    constraint memories_category foreign key (community_id, category_id)
        references memories.memory_categories (community_id, id) on delete set null (category_id),
    check (memory_type <> 'url' or url is not null),
    check (memory_type = 'url' or content is not null)
);
comment on column memories.memories.entity_id is 'the channel it was added in; null when it came over the API';
comment on column memories.memories.platform is 'where created_by is an account; all three are null once that person was erased';
comment on column memories.memories.is_active is 'false: deleted, and readable nowhere';
create index memories_newest on memories.memories (community_id, memory_type, id) where is_active;
create index memories_search on memories.memories using gin (search) where is_active;
create index memories_creator on memories.memories (platform, created_by);

create table memories.memory_reactions (
    id            bigint generated always as identity primary key,
    memory_id     bigint not null references memories.memories on delete cascade,
    platform      text not null check (platform in ('sandbox', 'discord', 'twitch', 'slack')),
    user_id       text not null,
    reaction_type text not null check (length(reaction_type) between 1 and 32),
    created_at    timestamptz not null default now(),
    unique (memory_id, platform, user_id, reaction_type)
);
create index memory_reactions_user on memories.memory_reactions (platform, user_id);

create table memories.reminders (
    id                bigint generated always as identity primary key,
    memory_id         bigint,
    community_id      bigint not null constraint reminders_community references kernel.communities,
    entity_id         text not null,
    platform          text not null check (platform in ('sandbox', 'discord', 'twitch', 'slack')),
    user_id           text not null,
    user_name         text not null,
    reminder_text     text not null check (length(reminder_text) between 1 and 1000),
    remind_at         timestamptz not null,
    created_at        timestamptz not null default now(),
    is_sent           boolean not null default false,
    sent_at           timestamptz,
    is_late           boolean not null default false,
    is_recurring      boolean not null default false,
    recurring_pattern text check (recurring_pattern in ('daily', 'weekly', 'monthly', 'yearly')),
    recurring_on      integer[] not null default '{}',
    local_time        time,
    zone              text not null,
    recurring_end     date,
    cancelled_at      timestamptz,
    constraint reminders_memory foreign key (community_id, memory_id) references memories.memories (community_id, id),
    check (is_recurring = (recurring_pattern is not null)),
    check (is_recurring = (local_time is not null)),
    check (is_recurring or recurring_end is null),
    check (not is_sent or sent_at is not null)
);
comment on column memories.reminders.entity_id is 'the channel it was made in and is said in';
comment on column memories.reminders.remind_at is 'the next time; the last one once it is over';
comment on column memories.reminders.is_sent is 'nothing more will come: the only or the last time is in the outbox';
comment on column memories.reminders.sent_at is 'when it was last put into the outbox';
comment on column memories.reminders.is_late is 'the last time came more than a minute after it was due';
comment on column memories.reminders.recurring_on is
    'weekly: ISO weekdays, 1 is Monday; monthly: the day; yearly: month and day; daily: empty';
comment on column memories.reminders.zone is 'IANA zone in which local_time and recurring_end are read';
comment on column memories.reminders.recurring_end is 'the last date it may come on';
create index reminders_user on memories.reminders (platform, user_id, community_id);
create index reminders_community on memories.reminders (community_id, id);

create table memories.member_zones (
    community_id bigint not null constraint member_zones_community references kernel.communities,
    platform     text not null check (platform in ('sandbox', 'discord', 'twitch', 'slack')),
    user_id      text not null,
    zone         text not null,
    updated_at   timestamptz not null default now(),
    primary key (community_id, platform, user_id)
);
create index member_zones_user on memories.member_zones (platform, user_id);
