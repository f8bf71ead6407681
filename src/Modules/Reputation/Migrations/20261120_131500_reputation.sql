create schema reputation;

-- One row for each member of each community. A member is an account on a platform.
create table reputation.reputation_scores (
    community_id bigint not null constraint reputation_scores_community references kernel.communities,
    platform     text not null check (platform in ('sandbox', 'discord', 'twitch', 'slack')),
    user_id      text not null check (user_id <> ''),
    user_name    text not null,
    score        numeric(20, 2) not null default 0,
    events       bigint not null default 0,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    primary key (community_id, platform, user_id)
);
comment on column reputation.reputation_scores.score is 'the sum of the points of all its events';
comment on column reputation.reputation_scores.user_name is 'as last seen; tells nobody apart';
create index reputation_scores_leaders on reputation.reputation_scores (community_id, score desc, platform, user_id);
create index reputation_scores_name on reputation.reputation_scores (community_id, platform, lower(user_name));
create index reputation_scores_user on reputation.reputation_scores (platform, user_id);

create table reputation.reputation_events (
    id             bigint generated always as identity,
    community_id   bigint not null,
    platform       text not null,
    user_id        text not null,
    event_id       text not null,
    activity_type  text not null,
    points         numeric(20, 2) not null,
    previous_score numeric(20, 2) not null,
    new_score      numeric(20, 2) not null,
    reason         text check (length(reason) <= 500),
    created_at     timestamptz not null,
    primary key (community_id, id, created_at),
    constraint reputation_events_adds_up check (new_score = previous_score + points)
) partition by range (created_at);
comment on column reputation.reputation_events.event_id is 'the platform''s id of what was scored; of an adjustment an id of its own';
comment on column reputation.reputation_events.reason is 'of an adjustment';
create index reputation_events_member on reputation.reputation_events (platform, user_id, community_id, id);

-- Where a community scores otherwise than by default.
create table reputation.reputation_scoring (
    community_id  bigint not null constraint reputation_scoring_community references kernel.communities,
    activity_type text not null,
    points        numeric(8, 2) not null check (points between -10000 and 10000),
    enabled       boolean not null default true,
    updated_by    text not null,
    updated_at    timestamptz not null default now(),
    primary key (community_id, activity_type)
);
create trigger changed after insert or update or delete on reputation.reputation_scoring
    for each row execute function kernel.notify_change('reputation_scoring', 'community_id');
