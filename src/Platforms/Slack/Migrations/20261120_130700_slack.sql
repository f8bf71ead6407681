-- A state of an installation counts once.
create table slack.used_states (
    state      text primary key,
    expires_at timestamptz not null
);
comment on table slack.used_states is 'states of installations that came back; kept until they would have expired anyway';
create index used_states_expiry on slack.used_states (expires_at);

create trigger changed after insert or update or delete on slack.slack_tokens
    for each row execute function kernel.notify_change('slack_tokens', 'team_id');
