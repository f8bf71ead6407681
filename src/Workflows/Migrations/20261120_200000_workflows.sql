create schema workflows;

create table workflows.workflow_definitions (
    workflow_id      uuid primary key,
    community_id     bigint not null references kernel.communities,
    entity_id        bigint not null references kernel.entities,
    name             text not null check (length(name) between 3 and 255),
    description      text check (length(description) <= 1000),
    status           text not null default 'draft' check (status in ('draft', 'published', 'archived')),
    trigger_type     text not null check (trigger_type in ('command', 'event', 'webhook', 'schedule')),
    trigger_config   jsonb not null check (jsonb_typeof(trigger_config) = 'object'),
    nodes            jsonb not null check (jsonb_typeof(nodes) = 'object'),
    connections      jsonb not null check (jsonb_typeof(connections) = 'array'),
    global_variables jsonb not null default '{}' check (jsonb_typeof(global_variables) = 'object'),
    settings         jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
    version          integer not null default 0 check (version >= 0),
    created_by       text not null,
    updated_by       text not null,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    check (status <> 'published' or version > 0)
);
comment on table workflows.workflow_definitions is 'the draft of each workflow; what runs is a version of it';
comment on column workflows.workflow_definitions.trigger_type is 'that of the one trigger among the nodes; trigger_config is its config';
comment on column workflows.workflow_definitions.version is 'the newest published version; 0: none yet';
create index workflow_definitions_community on workflows.workflow_definitions (community_id, updated_at desc);
create index workflow_definitions_entity on workflows.workflow_definitions (entity_id);
create index workflow_definitions_status on workflows.workflow_definitions (status, trigger_type);
create trigger changed after insert or delete or update of status, version, name, entity_id on workflows.workflow_definitions
    for each row execute function kernel.notify_change('workflows', 'workflow_id');

create table workflows.workflow_versions (
    workflow_id      uuid not null references workflows.workflow_definitions on delete cascade,
    version          integer not null check (version > 0),
    trigger_type     text not null,
    trigger_config   jsonb not null,
    nodes            jsonb not null,
    connections      jsonb not null,
    global_variables jsonb not null,
    settings         jsonb not null,
    published_by     text not null,
    published_at     timestamptz not null default now(),
    primary key (workflow_id, version)
);
comment on table workflows.workflow_versions is 'what was published; never changed';

create table workflows.workflow_variables (
    workflow_id uuid not null references workflows.workflow_definitions on delete cascade,
    variables   jsonb not null default '{}' check (jsonb_typeof(variables) = 'object'),
    updated_at  timestamptz not null default now(),
    primary key (workflow_id)
);
comment on table workflows.workflow_variables is 'what runs keep for later runs of the same workflow: global.name';

create table workflows.workflow_executions (
    execution_id     uuid primary key,
    workflow_id      uuid not null references workflows.workflow_definitions on delete cascade,
    version          integer not null,
    community_id     bigint not null,
    entity_id        bigint not null,
    trigger_type     text not null,
    trigger_key      text,
    trigger_data     jsonb,
    status           text not null default 'pending' check (status in ('pending', 'running', 'success', 'failed', 'cancelled')),
    started_at       timestamptz,
    completed_at     timestamptz,
    duration_ms      bigint,
    error_message    text,
    error_node       text,
    error_code       text,
    output_variables jsonb not null default '{}',
    retry_count      integer not null default 0,
    is_test_run      boolean not null default false,
    caused_by        text,
    depth            integer not null default 0 check (depth between 0 and 5),
    replay_of        uuid,
    node_id          uuid,
    fence            integer not null default 0,
    wake_at          timestamptz,
    cancel_requested boolean not null default false,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    check ((status in ('pending', 'running')) = (completed_at is null))
);
comment on column workflows.workflow_executions.version is 'of the definition; 0: the draft, for test runs';
comment on column workflows.workflow_executions.trigger_key is 'the same for the same cause: a repeat of it starts nothing';
comment on column workflows.workflow_executions.retry_count is 'how often nodes of it were tried again, and the run resumed from where it failed';
comment on column workflows.workflow_executions.caused_by is 'who or what started it: a member, an API key, a schedule';
comment on column workflows.workflow_executions.depth is 'how many runs led to this one';
comment on column workflows.workflow_executions.node_id is 'the node of the cluster that has it at work; null: it waits or has ended';
comment on column workflows.workflow_executions.fence is 'raised whenever a node takes it over: what an earlier one still writes is refused';
comment on column workflows.workflow_executions.wake_at is 'when a sleeping run goes on; null for the others';
create unique index workflow_executions_trigger on workflows.workflow_executions (workflow_id, trigger_key) where trigger_key is not null;
create index workflow_executions_workflow on workflows.workflow_executions (workflow_id, execution_id);
create index workflow_executions_unfinished on workflows.workflow_executions (workflow_id, status) where completed_at is null;
create index workflow_executions_wake on workflows.workflow_executions (wake_at) where wake_at is not null;
create index workflow_executions_completed on workflows.workflow_executions (completed_at) where completed_at is not null;

create table workflows.workflow_node_executions (
    node_execution_id uuid not null,
    execution_id      uuid not null,
    workflow_id       uuid not null,
    sequence          integer not null,
    completion        integer,
    node_id           text not null,
    node_type         text not null,
    path              text not null default '',
    status            text not null check (status in ('pending', 'running', 'success', 'failed', 'skipped')),
    input_variables   jsonb not null default '{}',
    output_variables  jsonb not null default '{}',
    output_port       text,
    started_at        timestamptz,
    completed_at      timestamptz,
    duration_ms       bigint,
    error_message     text,
    result_data       jsonb,
    attempt           integer not null default 1,
    created_at        timestamptz not null default now(),
    primary key (execution_id, sequence)
);
comment on column workflows.workflow_node_executions.sequence is 'the order in which turns of nodes came up in the run, from 1';
comment on column workflows.workflow_node_executions.completion is 'the order in which they were done; null: not done, or given up';
comment on column workflows.workflow_node_executions.node_id is 'the node''s key in the definition';
comment on column workflows.workflow_node_executions.path is 'the rounds and branches it is in, such as each[3]/fork.branch_2';
comment on column workflows.workflow_node_executions.status is 'running: its intent is stored and its outcome is not';

create function workflows.require(holds boolean) returns void language plpgsql as
$$
begin
    if not holds then
        raise exception 'The run was taken over or has ended.' using errcode = 'RK001';
    end if;
end
$$;
comment on function workflows.require is 'refuses a write of a node that has lost the run; its group commit goes on without it';

create function workflows.busy(workflow uuid, out many bigint, out waiting bigint) language plpgsql as
$$
begin
    perform 1 from workflows.workflow_definitions where workflow_id = workflow for no key update;
    select count(*), count(*) filter (where status = 'pending') into many, waiting
    from workflows.workflow_executions
    where workflow_id = workflow and completed_at is null and wake_at is null;
end
$$;
comment on function workflows.busy is 'runs of a workflow that are under way, and those of them that wait for their turn. Whoever counts them counts alone until the end of the transaction, and sees what those before began';

-- Rows of nodes are written by whoever has just written their run in the same transaction, so they need no check of each; they still go with it.
create function workflows.drop_node_executions() returns trigger language plpgsql as
$$
begin
    delete from workflows.workflow_node_executions where execution_id in (select execution_id from gone);
    return null;
end
$$;
comment on function workflows.drop_node_executions is 'the steps of a run go with it';
create trigger drop_node_executions after delete on workflows.workflow_executions
    referencing old table as gone for each statement execute function workflows.drop_node_executions();
