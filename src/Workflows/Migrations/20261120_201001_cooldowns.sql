create table workflows.workflow_cooldowns (
    workflow_id uuid not null references workflows.workflow_definitions on delete cascade,
    who         text not null,
    until       timestamptz not null,
    primary key (workflow_id, who)
);
comment on table workflows.workflow_cooldowns is 'until when a workflow''s command may not be called again';
comment on column workflows.workflow_cooldowns.who is 'platform:user; empty: anybody';
