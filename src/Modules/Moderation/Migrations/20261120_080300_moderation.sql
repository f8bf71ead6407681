create schema moderation;

create table moderation.stringmatch (
    id                 bigint generated always as identity primary key,
    community_id       bigint references kernel.communities,
    string             text not null check (length(string) between 1 and 500),
    match_type         text not null default 'exact' check (match_type in ('exact', 'contains', 'word', 'regex')),
    case_sensitive     boolean not null default false,
    normalize          boolean not null default true,
    enabled_entity_ids jsonb not null default '[]' check (jsonb_typeof(enabled_entity_ids) = 'array'
                       and not jsonb_path_exists(enabled_entity_ids, '$[*] ? (@.type() != "string")')),
    action             text not null check (action in ('warn', 'block', 'command', 'webhook')),
    command_to_execute text,
    command_parameters jsonb not null default '[]' check (jsonb_typeof(command_parameters) = 'array'),
    webhook_url        text,
    warning_message    text,
    block_message      text,
    priority           integer not null default 100,
    is_active          boolean not null default true,
    match_count        bigint not null default 0,
    last_matched       timestamptz,
    created_by         text not null,
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    check (action <> 'command' or (command_to_execute is not null and command_to_execute ~ '\S')),
    check (action <> 'webhook' or (webhook_url is not null and webhook_url ~* '^https?://'))
);
comment on column moderation.stringmatch.community_id is 'null: a rule for every community';
comment on column moderation.stringmatch.string is 'what to look for; * is every message, whatever the match type';
comment on column moderation.stringmatch.normalize is 'look at the message without disguises, not only as it was written';
comment on column moderation.stringmatch.enabled_entity_ids is 'entity ids as text; empty: everywhere the rule''s community is';
comment on column moderation.stringmatch.command_to_execute is 'with its prefix, ! where there is none';
comment on column moderation.stringmatch.block_message is 'null: a standard text; empty: nothing is said';
comment on column moderation.stringmatch.priority is 'lower goes first';
comment on column moderation.stringmatch.match_count is 'without what still waits in match_deltas';
create index stringmatch_active on moderation.stringmatch (community_id, match_type) where is_active;

-- Keyed by community: a thousand rules changed at once are one notice, and a node forgets what that community needs.
create trigger changed after insert or delete or update of community_id, string, match_type, case_sensitive, normalize,
        enabled_entity_ids, action, command_to_execute, command_parameters, webhook_url, warning_message, block_message, priority, is_active
    on moderation.stringmatch for each row execute function kernel.notify_change('stringmatch', 'community_id');
create trigger moved after update of community_id on moderation.stringmatch
    for each row when (old.community_id is distinct from new.community_id) execute function kernel.notify_work('stringmatch');

-- Matches, appended with each message and folded into match_count afterwards, so that a busy rule is not one busy row.
create table moderation.match_deltas (
    rule_id      bigint not null,
    matches      bigint not null,
    last_matched timestamptz not null
);
