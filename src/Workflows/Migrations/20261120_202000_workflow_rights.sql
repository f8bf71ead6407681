create table workflows.workflow_permissions (
    permission_id   uuid primary key,
    workflow_id     uuid not null references workflows.workflow_definitions on delete cascade,
    entity_id       bigint not null references kernel.entities,
    community_id    bigint not null references kernel.communities,
    user_id         text,
    role            text check (role in ('member', 'vip', 'subscriber', 'moderator', 'admin', 'owner')),
    permission_type text not null check (permission_type in ('can_view', 'can_edit', 'can_execute', 'can_delete')),
    granted_by      text not null,
    granted_at      timestamptz not null default now(),
    check (user_id is null or role is null),
    unique nulls not distinct (workflow_id, entity_id, permission_type, user_id, role)
);
comment on column workflows.workflow_permissions.user_id is 'platform:user; null together with role: everyone of the community';
comment on column workflows.workflow_permissions.role is 'this role and those above it';
create index workflow_permissions_entity on workflows.workflow_permissions (entity_id);
create index workflow_permissions_user on workflows.workflow_permissions (user_id) where user_id is not null;

create table workflows.workflow_audit_log (
    audit_id      uuid primary key,
    workflow_id   uuid references workflows.workflow_definitions on delete set null,
    community_id  bigint not null references kernel.communities,
    user_id       text not null,
    action        text not null check (length(action) <= 100),
    resource_type text not null check (resource_type in ('workflow', 'schedule', 'webhook', 'execution', 'permission')),
    resource_id   text,
    old_values    jsonb,
    new_values    jsonb,
    result        text not null default 'success' check (result in ('success', 'failure')),
    error_message text,
    details       jsonb not null default '{}',
    ip_address    inet,
    created_at    timestamptz not null default now()
);
comment on column workflows.workflow_audit_log.user_id is 'who did it: platform:user, or key:name';
create index workflow_audit_log_workflow on workflows.workflow_audit_log (workflow_id, audit_id desc);
create index workflow_audit_log_community on workflows.workflow_audit_log (community_id, audit_id desc);
create index workflow_audit_log_user on workflows.workflow_audit_log (user_id);
create index workflow_audit_log_action on workflows.workflow_audit_log (action);
create index workflow_audit_log_created on workflows.workflow_audit_log (created_at);
