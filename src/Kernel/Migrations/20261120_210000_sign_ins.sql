-- Browsers somebody is signed in with. The token is kept as its SHA-256; a revoked or expired row lets nobody in.
create table kernel.sign_ins (
    id           uuid primary key,
    token_hash   bytea not null unique check (length(token_hash) = 32),
    ip           text,
    user_agent   text check (length(user_agent) <= 200),
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at   timestamptz not null check (expires_at > created_at),
    revoked_at   timestamptz
);
comment on column kernel.sign_ins.last_seen_at is 'written at most once a minute';
create index sign_ins_expires on kernel.sign_ins (expires_at);
create trigger changed after delete or update of revoked_at
    on kernel.sign_ins for each row execute function kernel.notify_change('sign_ins', 'token_hash');

-- Who that is, proven by the platform itself: one account of each.
create table kernel.sign_in_identities (
    sign_in_id uuid not null references kernel.sign_ins on delete cascade,
    platform   text not null check (platform in ('discord', 'twitch', 'slack')),
    user_id    text not null,
    username   text not null,
    avatar     text,
    guild_ids  text[] not null default '{}',
    proven_at  timestamptz not null default now(),
    primary key (sign_in_id, platform)
);
comment on column kernel.sign_in_identities.guild_ids is 'where to look for rights; proves none';
create index sign_in_identities_user on kernel.sign_in_identities (platform, user_id);
