create table workflows.workflow_secrets (
    secret_id    uuid primary key,
    community_id bigint not null references kernel.communities on delete cascade,
    name         text not null check (name ~ '^[A-Za-z_][A-Za-z0-9_-]{0,99}$'),
    secret       text not null,
    updated_by   text not null,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    unique (community_id, name)
);
comment on table workflows.workflow_secrets is 'what nodes sign with; definitions only name it';
comment on column workflows.workflow_secrets.secret is 'sealed by the secret box';
