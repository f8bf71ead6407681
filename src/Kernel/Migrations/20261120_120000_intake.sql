-- What it takes to go on with an event whose node died, and to see one that nobody can handle.
alter table discord.discord_events add column node_id uuid, add column attempts integer not null default 0, add column error text;
alter table twitch.twitch_events add column node_id uuid, add column attempts integer not null default 0, add column error text;
alter table slack.slack_events add column node_id uuid, add column attempts integer not null default 0, add column error text;
comment on column discord.discord_events.node_id is 'the node that handles it';
comment on column twitch.twitch_events.node_id is 'the node that handles it';
comment on column slack.slack_events.node_id is 'the node that handles it';
comment on column discord.discord_events.error is 'why it was given up; it stays unprocessed';
comment on column twitch.twitch_events.error is 'why it was given up; it stays unprocessed';
comment on column slack.slack_events.error is 'why it was given up; it stays unprocessed';
create index discord_events_waiting on discord.discord_events (created_at) where not processed;
create index twitch_events_waiting on twitch.twitch_events (created_at) where not processed;
create index slack_events_waiting on slack.slack_events (created_at) where not processed;
