-- The name by which the sender of an answer knows it again; null for answers that came with the call.
alter table router.module_responses add column response_id text;

-- Which answers were taken already. Unique where module_responses cannot be, because that is cut into days.
create table router.response_keys (
    execution_id uuid not null,
    response_id  text not null check (length(response_id) between 1 and 200),
    body_hash    bytea not null check (length(body_hash) = 32),
    created_at   timestamptz not null,
    primary key (execution_id, response_id)
);
comment on column router.response_keys.body_hash is 'SHA-256 of the answer''s fields, to tell a repeat from another answer';
create index response_keys_created on router.response_keys (created_at);
