-- When the bot's account entered channels of the chat last, on whichever node: Twitch counts them together.
create table twitch.join_turns (
    account text primary key,
    joins   timestamptz[] not null
);
comment on column twitch.join_turns.joins is 'the last 20, in their order; some may be to come';
