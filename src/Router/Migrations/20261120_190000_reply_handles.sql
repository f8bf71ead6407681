-- Where the late answers of a remote module belong: the interaction or thread that made it run.
create table router.reply_handles (
    execution_id uuid primary key,
    reply_handle text not null,
    created_at   timestamptz not null
);
comment on column router.reply_handles.reply_handle is 'for the platform''s sender alone, which has sealed what is secret in it';
create index reply_handles_created on router.reply_handles (created_at);
