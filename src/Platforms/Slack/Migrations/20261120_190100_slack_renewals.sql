-- A refresh token is good for one use: what began and did not end must be known after a crash, and what cannot be mended
-- without a person is shown until it is.
alter table slack.slack_tokens
    add column renewal_began_at timestamptz,
    add column renewal_error text;
comment on column slack.slack_tokens.renewal_began_at is 'Slack was asked for a new pair of tokens and its answer is not stored';
comment on column slack.slack_tokens.renewal_error is 'why the tokens cannot be renewed any more';
