create table workflows.workflow_schedules (
    schedule_id       uuid primary key,
    workflow_id       uuid not null references workflows.workflow_definitions on delete cascade,
    community_id      bigint not null references kernel.communities,
    entity_id         bigint not null references kernel.entities,
    schedule_type     text not null check (schedule_type in ('cron', 'interval', 'one_time')),
    cron_expression   text check (length(cron_expression) <= 255),
    interval_seconds  integer check (interval_seconds between 1 and 31622400),
    timezone          text not null default 'UTC' check (length(timezone) <= 50),
    next_execution_at timestamptz,
    last_execution_at timestamptz,
    execution_count   integer not null default 0,
    max_executions    integer check (max_executions > 0),
    is_active         boolean not null default true,
    context_data      jsonb not null default '{}' check (jsonb_typeof(context_data) = 'object'),
    catch_up          text not null default 'skip' check (catch_up in ('skip', 'once', 'all')),
    skipped_count     bigint not null default 0,
    last_skipped_at   timestamptz,
    last_skip_reason  text check (last_skip_reason in ('missed', 'not_published', 'other_trigger', 'channel_off', 'busy')),
    revision          integer not null default 1,
    created_by        text not null,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    check ((schedule_type = 'cron') = (cron_expression is not null)),
    check ((schedule_type = 'interval') = (interval_seconds is not null)),
    check (not is_active or next_execution_at is not null),
    check (execution_count <= max_executions)
);
comment on column workflows.workflow_schedules.next_execution_at is 'the instant of a one_time schedule; of a paused one, when it would have come; null: it never comes again';
comment on column workflows.workflow_schedules.last_execution_at is 'the time, as it was set, of the last run that was started';
comment on column workflows.workflow_schedules.execution_count is 'runs that were started';
comment on column workflows.workflow_schedules.skipped_count is 'times that came and started no run; last_skip_reason says why';
comment on column workflows.workflow_schedules.revision is 'raised by every change; the timer of an earlier one does nothing';
create index workflow_schedules_workflow on workflows.workflow_schedules (workflow_id);
create index workflow_schedules_community on workflows.workflow_schedules (community_id, schedule_id);
create index workflow_schedules_active on workflows.workflow_schedules (is_active);
create index workflow_schedules_next on workflows.workflow_schedules (next_execution_at);
