-- Which community an activity counted in. That an event is scored once, its claim in kernel.inbox sees to.
alter table discord.discord_activities add column community_id bigint;
alter table twitch.twitch_activities add column community_id bigint;
alter table slack.slack_activities add column community_id bigint;
comment on column discord.discord_activities.amount is 'points';
comment on column twitch.twitch_activities.amount is 'points';
comment on column slack.slack_activities.amount is 'points';
comment on column discord.discord_activities.context_sent is 'the community of the channel was found';
comment on column twitch.twitch_activities.context_sent is 'the community of the channel was found';
comment on column slack.slack_activities.context_sent is 'the community of the channel was found';
comment on column discord.discord_activities.reputation_sent is 'the points are in the member''s score; false for accounts that stand for nobody';
comment on column twitch.twitch_activities.reputation_sent is 'the points are in the member''s score; false for accounts that stand for nobody';
comment on column slack.slack_activities.reputation_sent is 'the points are in the member''s score; false for accounts that stand for nobody';
