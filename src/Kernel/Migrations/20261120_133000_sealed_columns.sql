-- Rotation and the check at start find the columns that hold sealed secrets by these words.
comment on column discord.discord_tokens.access_token is 'sealed by the secret box: key id and base64';
comment on column discord.discord_tokens.refresh_token is 'sealed by the secret box: key id and base64';
comment on column twitch.twitch_tokens.access_token is 'sealed by the secret box: key id and base64';
comment on column twitch.twitch_tokens.refresh_token is 'sealed by the secret box: key id and base64';
comment on column slack.slack_tokens.access_token is 'sealed by the secret box: key id and base64';
comment on column slack.slack_tokens.refresh_token is 'sealed by the secret box: key id and base64';
comment on column slack.slack_tokens.user_token is 'sealed by the secret box: key id and base64';
