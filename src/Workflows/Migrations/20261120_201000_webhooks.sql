create table workflows.workflow_webhooks (
    webhook_id        uuid primary key,
    workflow_id       uuid not null references workflows.workflow_definitions on delete cascade,
    token             text not null unique check (token ~ '^[0-9a-f]{64}$'),
    secret            text not null,
    previous_secret   text,
    previous_until    timestamptz,
    name              text not null check (length(name) between 1 and 255),
    description       text check (length(description) <= 1000),
    url               text not null,
    enabled           boolean not null default true,
    require_signature boolean not null default true,
    legacy_signature  boolean not null default false,
    ip_allowlist      text[] not null default '{}' check (cardinality(ip_allowlist) <= 100),
    rate_limit_max    integer not null default 60 check (rate_limit_max between 1 and 1000000),
    rate_limit_window integer not null default 60 check (rate_limit_window between 1 and 86400),
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    last_triggered_at timestamptz,
    last_execution_id uuid,
    trigger_count     bigint not null default 0,
    check ((previous_secret is null) = (previous_until is null))
);
comment on column workflows.workflow_webhooks.token is 'SHA-256 of the token in the address; the token itself is shown once and stored nowhere';
comment on column workflows.workflow_webhooks.secret is 'sealed by the secret box';
comment on column workflows.workflow_webhooks.previous_secret is 'sealed by the secret box; good until previous_until';
comment on column workflows.workflow_webhooks.url is 'the address with all but the first characters of its token left out';
comment on column workflows.workflow_webhooks.legacy_signature is 'takes X-Webhook-Signature too, which has no time in it';
comment on column workflows.workflow_webhooks.rate_limit_window is 'seconds';
comment on column workflows.workflow_webhooks.trigger_count is 'runs it started; this and the two before it are up to date within seconds';
create index workflow_webhooks_workflow on workflows.workflow_webhooks (workflow_id);
create trigger changed after insert or delete or update of token, secret, previous_secret, previous_until, enabled, require_signature,
        legacy_signature, ip_allowlist, rate_limit_max, rate_limit_window on workflows.workflow_webhooks
    for each row execute function kernel.notify_change('workflow_webhooks', 'token');

create table workflows.workflow_webhook_deliveries (
    delivery_id uuid not null,
    webhook_id  uuid not null,
    status      text not null check (status in ('accepted', 'refused')),
    code        text check ((code is null) = (status = 'accepted')),
    ip_address  text,
    received_at timestamptz not null,
    primary key (webhook_id, delivery_id)
);
comment on table workflows.workflow_webhook_deliveries is 'calls of webhooks; goes with its webhook, but is not tied to it: each call would lock its row';
comment on column workflows.workflow_webhook_deliveries.delivery_id is 'of an accepted one: the run it started, which has what was sent';
comment on column workflows.workflow_webhook_deliveries.code is 'why it was refused';
create index workflow_webhook_deliveries_received on workflows.workflow_webhook_deliveries (received_at);

-- What runs add to the counts of their webhooks, appended with them and folded in afterwards, so that counts are exact and
-- a busy webhook is not one busy row.
create table workflows.workflow_webhook_deltas (
    webhook_id   uuid not null,
    calls        integer not null,
    triggered_at timestamptz not null,
    execution_id uuid not null
);

create function workflows.note_deliveries() returns trigger language plpgsql as
$$
begin
    with started as materialized (
        select execution_id, substr(caused_by, 9)::uuid as webhook_id, trigger_data ->> 'ip_address' as ip_address, created_at
        from added where trigger_type = 'webhook' and caused_by like 'webhook:%'),
    kept as (
        insert into workflows.workflow_webhook_deliveries (delivery_id, webhook_id, status, ip_address, received_at)
        select execution_id, webhook_id, 'accepted', ip_address, created_at from started)
    insert into workflows.workflow_webhook_deltas (webhook_id, calls, triggered_at, execution_id)
    select webhook_id, count(*), max(created_at), (array_agg(execution_id order by execution_id desc))[1] from started group by webhook_id;
    return null;
end
$$;
comment on function workflows.note_deliveries is 'a run that a webhook started is a delivery of it: in the same transaction, so there is never one without the other';
create trigger note_deliveries after insert on workflows.workflow_executions
    referencing new table as added for each statement execute function workflows.note_deliveries();

-- Calls of webhooks in each sixtieth of their window, of which the one it began in still counts. Lost with a crash of the database: then all begin to count afresh.
create unlogged table workflows.workflow_webhook_calls (
    webhook_id uuid not null,
    slot       bigint not null,
    calls      integer not null,
    primary key (webhook_id, slot)
);
comment on column workflows.workflow_webhook_calls.slot is 'sixtieths of the window since 1970';

create function workflows.take_calls(webhook uuid, wanted integer, most integer, now_slot bigint, unused integer, unused_slot bigint)
    returns integer language plpgsql as
$$
declare
    granted integer;
begin
    perform pg_advisory_xact_lock(hashtextextended(webhook::text, 201));
    delete from workflows.workflow_webhook_calls where webhook_id = webhook and slot < now_slot - 60;
    if unused > 0 then
        update workflows.workflow_webhook_calls set calls = calls - unused where webhook_id = webhook and slot = unused_slot;
    end if;
    select least(wanted, greatest(0, most - coalesce(sum(calls), 0))) into granted
    from workflows.workflow_webhook_calls where webhook_id = webhook;
    if granted > 0 then
        insert into workflows.workflow_webhook_calls as c (webhook_id, slot, calls) values (webhook, now_slot, granted)
        on conflict (webhook_id, slot) do update set calls = c.calls + excluded.calls;
    end if;
    return granted;
end
$$;
comment on function workflows.take_calls is
    'counts as many of the wanted calls as the window has room for, and returns how many those were; gives back what was counted and did not come';

-- Which key each signature came with first, for longer than its time is good. Lost with a crash of the database.
create unlogged table workflows.workflow_webhook_signatures (
    webhook_id uuid not null,
    signature  text not null,
    key        text not null,
    seen_at    timestamptz not null,
    primary key (webhook_id, signature)
);
